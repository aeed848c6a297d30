import { crc32 } from "node:zlib";

/**
 * What one call of `append` stored. All numbers are big-endian and unsigned.
 *
 *     frame    magic "CFSF"        4
 *              length of payload   4
 *              number of entries   4
 *              sequence            8   the first entry's number, counted from 0 over the life of the spool
 *              time                8   of the call, in ms since 1970
 *              crc32 of payload    4
 *              crc32 of all above  4
 *              payload                 each entry: its length (4), its bytes
 *
 * One frame for a call, so that a kill leaves all of it or none. The header has a sum of its own, because a length is
 * believed before its payload is looked at: were it one sum, a flipped bit in the length would look like an append that
 * a kill cut short, and what was acknowledged would be cut off as if it had never been. The sequence tells a frame that
 * is right, but in the wrong place: a segment lost, or put back from a copy.
 */
export interface FrameHead {
  readonly payloadBytes: number;
  readonly count: number;
  readonly sequence: number;
  readonly at: number;
  readonly payloadSum: number;
}

export const FRAME_HEAD_BYTES = 36;
const MAGIC = Buffer.from("CFSF");
const SUM_AT = FRAME_HEAD_BYTES - 4;
const LENGTH_BYTES = 4;

/** What entries take in a segment. */
export function frameBytes(entries: readonly Buffer[]): number {
  return entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, FRAME_HEAD_BYTES);
}

export function encodeFrame(sequence: number, at: number, entries: readonly Buffer[]): Buffer {
  const frame = Buffer.allocUnsafe(frameBytes(entries));
  let offset = FRAME_HEAD_BYTES;
  for (const entry of entries) {
    offset = frame.writeUInt32BE(entry.length, offset);
    offset += entry.copy(frame, offset);
  }
  MAGIC.copy(frame);
  frame.writeUInt32BE(frame.length - FRAME_HEAD_BYTES, 4);
  frame.writeUInt32BE(entries.length, 8);
  frame.writeBigUInt64BE(BigInt(sequence), 12);
  frame.writeBigUInt64BE(BigInt(at), 20);
  frame.writeUInt32BE(crc32(frame.subarray(FRAME_HEAD_BYTES)), 28);
  frame.writeUInt32BE(crc32(frame.subarray(0, SUM_AT)), SUM_AT);
  return frame;
}

/** Null when these bytes are no header. */
export function decodeFrameHead(bytes: Buffer): FrameHead | null {
  if (!bytes.subarray(0, 4).equals(MAGIC)) return null;
  if (crc32(bytes.subarray(0, SUM_AT)) !== bytes.readUInt32BE(SUM_AT)) return null;
  return {
    payloadBytes: bytes.readUInt32BE(4),
    count: bytes.readUInt32BE(8),
    sequence: Number(bytes.readBigUInt64BE(12)),
    at: Number(bytes.readBigUInt64BE(20)),
    payloadSum: bytes.readUInt32BE(28),
  };
}

/** Null when the payload is not the one that the header speaks of. */
export function decodePayload(head: FrameHead, payload: Buffer): readonly Buffer[] | null {
  if (crc32(payload) !== head.payloadSum) return null;
  const entries: Buffer[] = [];
  for (let offset = 0; offset < payload.length;) {
    const begin = offset + LENGTH_BYTES;
    offset = begin + payload.readUInt32BE(offset);
    entries.push(payload.subarray(begin, offset));
  }
  return entries;
}
