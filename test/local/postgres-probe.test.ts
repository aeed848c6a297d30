import { describe, expect, it } from "vitest";
import { postgresNotReady } from "../../src/local/postgres-probe.ts";
import { answering } from "../support/answering.ts";

/** An ErrorResponse as PostgreSQL sends it. */
function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E", "latin1");
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}

const ASKS_FOR_PASSWORD = Buffer.from("R\0\0\0\x17\0\0\0\nSCRAM-SHA-256\0\0", "latin1");

describe("PostgreSQL", () => {
  it("is ready when it asks for a password, also when that comes in pieces", async () => {
    const requests: Buffer[] = [];
    await using server = await answering((bytes, socket) => {
      requests.push(bytes);
      socket.write(ASKS_FOR_PASSWORD.subarray(0, 3));
      setImmediate(() => socket.write(ASKS_FOR_PASSWORD.subarray(3)));
    });
    expect(await postgresNotReady(server.port, 2000)).toBeNull();
    expect(Buffer.concat(requests).readInt32BE(4)).toBe(196_608);
  });

  it("is not ready while it starts up, in its own words", async () => {
    await using server = await answering((_, socket) => {
      socket.end(errorResponse("57P03", "the database system is starting up"));
    });
    expect(await postgresNotReady(server.port, 2000)).toBe("the database system is starting up");
  });

  it("is up, though it has no room for another session", async () => {
    await using server = await answering((_, socket) => {
      socket.end(errorResponse("53300", "sorry, too many clients already"));
    });
    expect(await postgresNotReady(server.port, 2000)).toBeNull();
  });

  it("is not whatever else answers there", async () => {
    await using server = await answering((_, socket) => {
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    expect(await postgresNotReady(server.port, 2000)).toBe("whatever answers on its port is not PostgreSQL");
  });

  it("is not ready when it hangs, closes the connection or is not there", async () => {
    await using mute = await answering(() => undefined);
    expect(await postgresNotReady(mute.port, 50)).toBe("no answer within 50 ms");
    await using closing = await answering((_, socket) => socket.end());
    expect(await postgresNotReady(closing.port, 2000)).toBe("it closes the connection");
    const gone = await answering(() => undefined);
    await gone[Symbol.asyncDispose]();
    expect(await postgresNotReady(gone.port, 2000)).toBe("nothing listens on its port");
  });
});
