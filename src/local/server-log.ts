import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { sleep } from "../core/signal.ts";

const ROTATE_ABOVE_BYTES = 16 * 1024 * 1024;

/** Opens a server's log for appending; a long one is put aside first, replacing the one put aside before. */
export function openLog(path: string): number {
  if (sizeOf(path) > ROTATE_ABOVE_BYTES) renameSync(path, `${path}.1`);
  // Logs hold SQL with values in it.
  return openSync(path, "a", 0o600);
}

export function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** The last lines of a log, oldest first, none of them from before the byte `from`. */
export function lastLines(path: string, count: number, from = 0): readonly string[] {
  const size = sizeOf(path);
  for (let window = 64 * 1024; count > 0; window *= 4) {
    const start = Math.max(from, size - window);
    const lines = readBytes(path, start, size).toString("utf8").split("\n");
    if (lines.at(-1) === "") lines.pop();
    // Unless it begins at the beginning, the first line may be the rest of one.
    if (start === from) return lines.slice(-count);
    if (lines.length > count) return lines.slice(-count);
  }
  return [];
}

/** Hands on what is appended to a log, from the byte `from` on, until the signal fires; begins anew when it was put aside. */
export async function followLog(
  path: string,
  from: number,
  write: (bytes: Buffer) => void,
  signal: AbortSignal,
): Promise<void> {
  let at = from;
  while (!signal.aborted) {
    const size = sizeOf(path);
    if (size < at) at = 0;
    if (size > at) write(readBytes(path, at, size));
    at = size;
    await sleep(200, signal);
  }
}

function readBytes(path: string, start: number, end: number): Buffer {
  if (end <= start) return Buffer.alloc(0);
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.min(end, fstatSync(file).size) - start);
    readSync(file, bytes, 0, bytes.length, start);
    return bytes;
  } finally {
    closeSync(file);
  }
}
