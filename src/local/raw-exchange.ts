import { connect } from "node:net";
import { HOST } from "./state.ts";

/**
 * Sends bytes to a port and collects what comes back until `isWhole` says so. Rejects when nobody listens,
 * the other side closes first, the time is over, or `isWhole` throws.
 */
export async function exchange(
  port: number,
  request: Buffer,
  isWhole: (received: Buffer) => boolean,
  timeoutMs: number,
): Promise<Buffer> {
  const socket = connect({ port, host: HOST });
  let received = Buffer.alloc(0);
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      socket.setTimeout(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("it closes the connection")));
      socket.once("connect", () => socket.write(request));
      socket.on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        try {
          if (isWhole(received)) resolve(received);
        } catch (thrown) {
          reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        }
      });
    });
  } finally {
    socket.destroy();
  }
}

/** Why an exchange failed, in words. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if ("code" in thrown && thrown.code === "ECONNREFUSED") return "nothing listens on its port";
  return thrown.message;
}
