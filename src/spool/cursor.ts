import { constants, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { reached } from "../pipeline/points.ts";
import { syncFolder } from "./disk.ts";
import { damagedCursor } from "./failures.ts";

/**
 * How many entries were confirmed, in a file of its own: magic "CFSCUR", version (2 bytes), the number (8), crc32 of
 * these (4). Written beside and renamed over, so that there is always an old one or a new one.
 *
 * Beside, there is always a spare one of the same length: a disk that others have filled takes what is written over
 * something, and no more. Else nothing could be confirmed there, so nothing deleted, and it would stay full for ever.
 */
const MAGIC = Buffer.from("CFSCUR\x00\x01", "latin1");
const BYTES = MAGIC.length + 12;
const SUM_AT = BYTES - 4;

/** Null when nothing was ever confirmed. */
export async function loadCursor(dir: string): Promise<number | null> {
  const path = join(dir, "cursor");
  const bytes = await readFile(path).catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  });
  if (bytes === null) return null;
  const isWhole = bytes.length === BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC);
  if (!isWhole || crc32(bytes.subarray(0, SUM_AT)) !== bytes.readUInt32BE(SUM_AT)) throw damagedCursor(path);
  return Number(bytes.readBigUInt64BE(MAGIC.length));
}

export async function writeCursor(dir: string, confirmed: number): Promise<void> {
  const bytes = Buffer.alloc(BYTES);
  MAGIC.copy(bytes);
  bytes.writeBigUInt64BE(BigInt(confirmed), MAGIC.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, SUM_AT)), SUM_AT);
  const spare = join(dir, "cursor.spare");
  try {
    await overwrite(spare, bytes);
  } catch (cause) {
    await rm(spare, { force: true }); // a file that failed once is not trusted again
    throw cause;
  }
  reached("spool-cursor");
  await rename(spare, join(dir, "cursor"));
  await syncFolder(dir);
  await keepSpareCursor(dir);
}

/** Without it, a confirmation has to find a place of its own. */
export async function keepSpareCursor(dir: string): Promise<void> {
  await writeFile(join(dir, "cursor.spare"), Buffer.alloc(BYTES), { mode: 0o600 }).catch(() => undefined);
}

async function overwrite(path: string, bytes: Buffer): Promise<void> {
  await using file = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, 0);
  if (bytesWritten < bytes.length) throw Object.assign(new Error("cut short"), { code: "ENOSPC" });
  await file.datasync();
}
