import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { KafkaSasl, KafkaSecurity } from "../../../src/config/parts.ts";
import { socketOpener } from "../../../src/kafka/security/sockets.ts";
import { answering } from "../../support/answering.ts";

const login: KafkaSasl = { mechanism: "PLAIN", username: "u", password: "p" };
const scram: KafkaSasl = { ...login, mechanism: "SCRAM-SHA-256" };

/** The code of the error, or null when there was a connection. 127.1 is this machine under a name that is none of ours. */
async function outcome(host: string, security: Partial<KafkaSecurity>): Promise<unknown> {
  await using server = await answering(() => undefined);
  const open = socketOpener({ tls: null, sasl: null, mayExposePassword: false, ...security });
  const socket = open({ host, port: server.port, onConnect: () => undefined });
  const ended: unknown = await once(socket, "connect").then(
    () => null,
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
  socket.destroy();
  return ended;
}

describe("an address that only the cluster named", () => {
  it("gets no password in plain text, whatever the settings' own addresses were", async () => {
    expect(await outcome("127.1", { sasl: login })).toBe("CLUSTERFLOW_WOULD_EXPOSE");
    expect(await outcome("localhost", { sasl: login })).toBeNull();
    expect(await outcome("127.1", { sasl: login, mayExposePassword: true })).toBeNull();
    expect(await outcome("127.1", { sasl: scram })).toBeNull();
    expect(await outcome("127.1", {})).toBeNull();
  });
});
