import { damaged } from "./failures.ts";
import type { FileWindow } from "./file-window.ts";
import { decodeFrameHead, decodePayload, FRAME_HEAD_BYTES, type FrameHead } from "./frame.ts";
import type { Place } from "./segment.ts";

export interface Frame extends Place {
  readonly at: number;
  readonly entries: readonly Buffer[];
  /** What follows it. */
  readonly next: Place;
}

/**
 * The frame that begins there; null at the end of the file. "torn" is one whose writing a kill cut short: then the
 * file ends before the frame does. Or the power went, and the file is longer than what was written: zeros up to its
 * end. Whatever else is not right was right once, and throws.
 */
export async function nextFrame(file: FileWindow, place: Place): Promise<Frame | "torn" | null> {
  const { offset, sequence } = place;
  if (offset >= file.size) return null;
  if (file.size - offset < FRAME_HEAD_BYTES) return "torn";
  const head = decodeFrameHead(await file.at(offset, FRAME_HEAD_BYTES));
  if (head === null && (await isZeroFrom(file, offset))) return "torn";
  if (head?.sequence !== sequence) throw damaged(file.path, offset);
  return await withPayload(file, place, head);
}

async function withPayload(
  file: FileWindow,
  { offset, sequence }: Place,
  head: FrameHead,
): Promise<Frame | "torn"> {
  const begin = offset + FRAME_HEAD_BYTES;
  const end = begin + head.payloadBytes;
  if (end > file.size) return "torn";
  const entries = decodePayload(head, await file.at(begin, head.payloadBytes));
  if (entries?.length !== head.count) throw damaged(file.path, offset);
  return { offset, sequence, at: head.at, entries, next: { offset: end, sequence: sequence + head.count } };
}

export async function isZeroFrom(file: FileWindow, begin: number): Promise<boolean> {
  for (let offset = begin; offset < file.size;) {
    const bytes = await file.at(offset, 64 * 1024);
    if (bytes.length === 0 || bytes.some((byte) => byte !== 0)) return false;
    offset += bytes.length;
  }
  return true;
}
