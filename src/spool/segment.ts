import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/**
 * A file of frames, one behind the other. It begins with
 *
 *     magic "CFSPOOL"   7
 *     version           1   of this format: 1
 *     first             8   the number of the first entry that it may hold
 *     crc32 of these    4
 *
 * **A segment ends where the next one begins**: what lies behind is an append that failed and was not acknowledged. For
 * after a failed fsync nobody knows what is on the disk, not even after a second one that succeeds (the system forgets
 * what it could not write), and whether cutting the file helped is as unknown. So the segment is left alone for good,
 * and the next one says how far it counts. Only the last one may end in the middle of a frame.
 */
export interface Segment {
  readonly path: string;
  readonly first: number;
  /** The number behind its last entry. */
  end: number;
  /** As far as it counts. */
  bytes: number;
}

/** Where a frame begins, and with which entry. */
export interface Place {
  readonly offset: number;
  readonly sequence: number;
}

export interface InSegment extends Place {
  readonly segment: Segment;
}

/** The frame of the oldest entry that is not confirmed, and when it came. */
export interface Oldest extends InSegment {
  readonly at: number;
}

export const SEGMENT_HEAD_BYTES = 20;
const MAGIC = Buffer.from("CFSPOOL");
const VERSION = 1;
const SUM_AT = SEGMENT_HEAD_BYTES - 4;
const NAME = /^(\d{8,15})\.segment$/;

export function segmentPath(dir: string, ordinal: number): string {
  return join(dir, `${String(ordinal).padStart(8, "0")}.segment`);
}

/** The ordinals of a folder's segments, the oldest first. */
export async function listSegments(dir: string): Promise<number[]> {
  const ordinals = (await readdir(dir)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
  return ordinals.sort((a, b) => a - b);
}

export function encodeSegmentHead(first: number): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt8(VERSION, MAGIC.length);
  head.writeBigUInt64BE(BigInt(first), 8);
  head.writeUInt32BE(crc32(head.subarray(0, SUM_AT)), SUM_AT);
  return head;
}

/** The number of the first entry; null when these bytes are no header, or one of another version. */
export function decodeSegmentHead(head: Buffer): number | null {
  if (!head.subarray(0, MAGIC.length).equals(MAGIC) || head.readUInt8(MAGIC.length) !== VERSION) return null;
  if (crc32(head.subarray(0, SUM_AT)) !== head.readUInt32BE(SUM_AT)) return null;
  return Number(head.readBigUInt64BE(8));
}
