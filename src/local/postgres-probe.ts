import { exchange, reasonOf } from "./raw-exchange.ts";

const PROTOCOL_3_0 = 196_608;

/** Errors that a server gives only once it is up: too many connections. */
const UP_BUT_FULL = "53300";

/**
 * Why PostgreSQL does not take sessions on this port, null when it does. Begins a session as the protocol
 * has it and reads the first answer: a server that is up asks for a password, one that is still recovering
 * says so (57P03), although both accept the connection.
 */
export async function postgresNotReady(port: number, timeoutMs: number): Promise<string | null> {
  try {
    return judge(await exchange(port, startupMessage(), isWholeMessage, timeoutMs));
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

function startupMessage(): Buffer {
  const parameters = Buffer.from("user\0postgres\0database\0postgres\0\0", "latin1");
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(PROTOCOL_3_0, 4);
  return Buffer.concat([head, parameters]);
}

/** One type byte, then a length that counts itself. Anything that is no such message is not waited for. */
function isWholeMessage(received: Buffer): boolean {
  if (received.length < 5) return false;
  const length = received.readInt32BE(1);
  return length < 4 || length > 65_536 || received.length >= 1 + length;
}

function judge(message: Buffer): string | null {
  const type = String.fromCharCode(message[0] ?? 0);
  if (type === "R") return null;
  if (type !== "E") return "whatever answers on its port is not PostgreSQL";
  const fields = message.subarray(5).toString("utf8").split("\0");
  const field = (code: string): string => fields.find((text) => text.startsWith(code))?.slice(1) ?? "";
  return field("C") === UP_BUT_FULL ? null : field("M");
}
