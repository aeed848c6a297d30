import { connect } from "node:net";

const ANSWER_MS = 2_000;

/** ApiVersions, the one request that every broker answers to everybody; its length, key, version, id and no client. */
const CORRELATION = 0x636c7573;
const REQUEST = Buffer.from("0000000a" + "0012" + "0000" + CORRELATION.toString(16) + "ffff", "hex");

/**
 * Whether this port answers Kafka's own protocol without TLS. A broker that is spoken to in TLS there only hangs up,
 * and so does one that is shutting down: the first never changes, the second does.
 */
export async function speaksPlain(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.setTimeout(ANSWER_MS, () => resolve(false));
      socket.once("connect", () => socket.write(REQUEST));
      socket.once("data", (bytes) => resolve(bytes.length >= 8 && bytes.readInt32BE(4) === CORRELATION));
      socket.once("error", () => resolve(false));
      socket.once("close", () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
