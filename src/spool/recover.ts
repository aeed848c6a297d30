import { open, rm } from "node:fs/promises";
import type { Tell } from "../core/report.ts";
import { keepSpareCursor, loadCursor, writeCursor } from "./cursor.ts";
import { syncFolder } from "./disk.ts";
import { damaged, missingEntries } from "./failures.ts";
import { FileWindow } from "./file-window.ts";
import { isZeroFrom, nextFrame, type Frame } from "./next-frame.ts";
import {
  decodeSegmentHead,
  listSegments,
  SEGMENT_HEAD_BYTES,
  segmentPath,
  type Oldest,
  type Segment,
} from "./segment.ts";

export interface Recovered {
  readonly segments: Segment[];
  readonly confirmed: number;
  /** The number of the next entry. */
  readonly end: number;
  readonly oldest: Oldest | null;
  readonly nextOrdinal: number;
}

/**
 * Reads all that is not confirmed and compares its sums. The end of the last segment may be cut short, by a kill in the
 * middle of an append that nobody was told of: this is cut off. Anything else that is not right throws, and nothing
 * is changed.
 */
export async function recover(dir: string, tell: Tell): Promise<Recovered> {
  const files = await openAll(dir);
  const headed = files.flatMap(({ path, first }) => (first === null ? [] : [{ path, first }]));
  const cursor = await loadCursor(dir);
  const confirmed = cursor ?? headed.at(0)?.first ?? 0;
  const scanned = await scanAll(headed, confirmed);
  const last = scanned.at(-1);
  if (last !== undefined) await settle(last, tell);
  const segments = scanned
    .map(({ segment }) => segment)
    .filter(({ first, end }) => end > Math.max(first, confirmed));
  await removeOthers(dir, files, segments);
  await (cursor === null ? writeCursor(dir, confirmed) : keepSpareCursor(dir));
  return {
    segments,
    confirmed,
    end: Math.max(confirmed, last?.segment.end ?? 0),
    oldest: scanned.flatMap(({ oldest }) => oldest ?? [])[0] ?? null,
    nextOrdinal: Math.max(0, ...files.map(({ ordinal }) => ordinal)) + 1,
  };
}

interface Found {
  readonly path: string;
  readonly ordinal: number;
  /** Null when not even the header was written; then nothing else was. */
  readonly first: number | null;
}

interface Begun {
  readonly path: string;
  readonly first: number;
}

interface Scanned {
  readonly segment: Segment;
  readonly oldest: Oldest | null;
  readonly isTorn: boolean;
}

async function openAll(dir: string): Promise<Found[]> {
  const headed: Found[] = [];
  for (const ordinal of await listSegments(dir)) {
    const path = segmentPath(dir, ordinal);
    await using file = await FileWindow.open(path);
    headed.push({ path, ordinal, first: await readHead(file) });
  }
  return headed;
}

async function readHead(file: FileWindow): Promise<number | null> {
  if (file.size < SEGMENT_HEAD_BYTES || (await isZeroFrom(file, 0))) return null;
  const first = decodeSegmentHead(await file.at(0, SEGMENT_HEAD_BYTES));
  if (first === null) throw damaged(file.path, 0);
  return first;
}

/** Each has to begin where the one before it ends; those of which all is confirmed are not looked at. */
async function scanAll(headed: readonly Begun[], confirmed: number): Promise<Scanned[]> {
  const scanned: Scanned[] = [];
  for (const [index, { path, first }] of headed.entries()) {
    const stop = headed[index + 1]?.first ?? null;
    if (stop !== null && stop <= confirmed) continue;
    const expected = scanned.at(-1)?.segment.end ?? Math.min(first, confirmed);
    if (first !== expected) throw missingEntries(path, expected, first);
    scanned.push(await scan({ path, first, end: first, bytes: SEGMENT_HEAD_BYTES }, stop, confirmed));
  }
  return scanned;
}

/** Walks to the end of what counts, and moves the segment's end along. */
async function scan(segment: Segment, stop: number | null, confirmed: number): Promise<Scanned> {
  await using file = await FileWindow.open(segment.path);
  let oldest: Oldest | null = null;
  let frame: Frame | "torn" | null = null;
  while (segment.end !== stop) {
    frame = await nextFrame(file, { offset: segment.bytes, sequence: segment.end });
    if (frame === null || frame === "torn") break;
    if (frame.next.sequence > confirmed) oldest ??= { ...placeOf(frame), segment };
    segment.end = frame.next.sequence;
    segment.bytes = frame.next.offset;
  }
  if (stop === null || segment.end === stop) return { segment, oldest, isTorn: frame === "torn" };
  if (frame === null && segment.end < stop) throw missingEntries(segment.path, segment.end, stop);
  throw damaged(segment.path, segment.bytes);
}

/** Without the entries: they are not kept in memory. */
function placeOf({ offset, sequence, at }: Frame): Omit<Oldest, "segment"> {
  return { offset, sequence, at };
}

/**
 * What was written but not synced when its process was killed is read like the rest. It is synced before anything is
 * put behind it: a power failure would leave a gap otherwise.
 */
async function settle({ segment: last, isTorn }: Scanned, tell: Tell): Promise<void> {
  await using file = await open(last.path, "r+");
  if (isTorn) {
    await file.truncate(last.bytes);
    const text = `The end of ${last.path}, from byte ${last.bytes} on, was an append cut short and not acknowledged; it was cut off.`;
    tell({ kind: "warning", text });
  }
  await file.sync();
}

/** What is confirmed, and what holds nothing. */
async function removeOthers(dir: string, files: readonly Found[], kept: readonly Segment[]): Promise<void> {
  const paths = new Set(kept.map((segment) => segment.path));
  for (const { path } of files) if (!paths.has(path)) await rm(path);
  await syncFolder(dir);
}
