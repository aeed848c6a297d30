import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { choosePort, isFree, parsePort } from "../../src/local/ports.ts";

const wish = { server: "PostgreSQL 18.4", hint: "use another", forced: null, before: null, usual: null };

async function listening(host: string): Promise<{ readonly port: number } & AsyncDisposable> {
  const server: Server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

describe("a port", () => {
  it("is free until somebody listens on it, on this address or on all", async () => {
    for (const host of ["127.0.0.1", "0.0.0.0", "::"]) {
      const { port } = await (async () => {
        await using server = await listening(host);
        expect(await isFree(server.port)).toBe(false);
        return server;
      })();
      expect(await isFree(port)).toBe(true);
    }
  });

  it("is the one it was before, else the usual one, when that is free", async () => {
    await using busy = await listening("127.0.0.1");
    const [free, other] = [await freePort(), await freePort()];
    expect(await choosePort({ ...wish, before: free, usual: other }, new Set())).toBe(free);
    expect(await choosePort({ ...wish, before: busy.port, usual: free }, new Set())).toBe(free);
  });

  it.each(["before", "forced"])(
    "is waited for a moment when it is that %s and not free yet",
    async (which) => {
      const busy = await listening("127.0.0.1");
      const chosen = choosePort({ ...wish, [which]: busy.port, usual: await freePort() }, new Set());
      await delay(300);
      await busy[Symbol.asyncDispose]();
      expect(await chosen).toBe(busy.port);
    },
  );

  it("is another one when all preferred ones are taken, below those of outgoing connections", async () => {
    await using busy = await listening("127.0.0.1");
    const port = await choosePort({ ...wish, usual: busy.port }, new Set());
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(30_000);
  });

  it("is not promised twice", async () => {
    const free = await freePort();
    const taken = new Set<number>();
    expect(await choosePort({ ...wish, usual: free }, taken)).toBe(free);
    expect(await choosePort({ ...wish, usual: free }, taken)).not.toBe(free);
    await expect(choosePort({ ...wish, forced: free }, taken)).rejects.toThrow(
      "another server of this stack",
    );
  });

  it("is refused with its holder when it was asked for and is taken", async () => {
    await using busy = await listening("127.0.0.1");
    await expect(choosePort({ ...wish, forced: busy.port }, new Set())).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(
        `^Port ${busy.port} of 127.0.0.1, wanted for PostgreSQL 18.4, is taken by `,
      ) as unknown,
      hint: "use another",
    });
  });

  it.each(["0", "65536", "80801", "-1", "1.5", "", "http"])("is not %j", (text) => {
    expect(() => parsePort(text, "--db-port")).toThrow(
      `--db-port takes a port from 1 to 65535, not "${text}".`,
    );
  });

  it("is read from a flag", () => {
    expect(parsePort("5433", "--db-port")).toBe(5433);
  });
});

async function freePort(): Promise<number> {
  await using server = await listening("127.0.0.1");
  return server.port;
}
