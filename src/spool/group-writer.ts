import { open, rm, statfs, type FileHandle } from "node:fs/promises";
import { reached } from "../pipeline/points.ts";
import { syncFolder } from "./disk.ts";
import { encodeFrame } from "./frame.ts";
import { encodeSegmentHead, SEGMENT_HEAD_BYTES, segmentPath, type Oldest, type Segment } from "./segment.ts";

export interface SpoolLimits {
  readonly dir: string;
  /** What the segments may take together. */
  readonly maxBytes: number;
  /** A segment that has as many is followed by another one. */
  readonly segmentBytes: number;
  /** What an append leaves free on the disk. */
  readonly minFreeBytes: number;
}

/** Puts groups of calls behind the last entry, one group at a time. */
export class GroupWriter {
  /** All that exist, the oldest first. */
  readonly segments: Segment[];
  readonly limits: SpoolLimits;
  #nextOrdinal: number;
  #end: number;
  #active: { readonly segment: Segment; readonly file: FileHandle } | null = null;
  #isWriting = false;

  constructor(limits: SpoolLimits, segments: Segment[], end: number, nextOrdinal: number) {
    this.limits = limits;
    this.segments = segments;
    this.#end = end;
    this.#nextOrdinal = nextOrdinal;
  }

  /** The number of the next entry; all before it are on the disk. */
  get end(): number {
    return this.#end;
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** How many bytes of frames may be written now, by the limit and by the disk. */
  async room(): Promise<{ readonly ofLimit: number; readonly ofDisk: number }> {
    const { dir, maxBytes, minFreeBytes } = this.limits;
    const { bavail, bsize } = await statfs(dir);
    return {
      ofLimit: maxBytes - this.bytes - SEGMENT_HEAD_BYTES,
      ofDisk: bavail * bsize - minFreeBytes - SEGMENT_HEAD_BYTES,
    };
  }

  /**
   * Resolves when all of it is on the disk, one frame for each call. What failed once is not tried again in the same
   * segment: see `Segment`.
   */
  async write(calls: readonly (readonly Buffer[])[]): Promise<Oldest> {
    this.#isWriting = true;
    try {
      return await this.#append(calls);
    } catch (cause) {
      await this.#abandon();
      throw cause;
    } finally {
      this.#isWriting = false;
    }
  }

  /** Deletes the segments of which all is confirmed, the oldest first: a kill leaves no gap. */
  async forget(confirmed: number): Promise<void> {
    const writing = this.#isWriting ? this.#active?.segment : null;
    const gone = this.segments.filter((segment) => segment.end <= confirmed && segment !== writing);
    if (this.#active !== null && gone.includes(this.#active.segment)) await this.close();
    for (const segment of gone) {
      await rm(segment.path, { force: true });
      this.#drop(segment);
    }
  }

  /** Ends the segment that is written; the next group begins another one. */
  async close(): Promise<void> {
    const active = this.#active;
    this.#active = null;
    await active?.file.close();
  }

  async #append(calls: readonly (readonly Buffer[])[]): Promise<Oldest> {
    const { segment, file } = await this.#open();
    const isNew = segment.bytes === 0;
    const at = Date.now();
    const sequence = this.#end;
    const parts = isNew ? [encodeSegmentHead(sequence)] : [];
    const offset = isNew ? SEGMENT_HEAD_BYTES : segment.bytes;
    let end = sequence;
    for (const entries of calls) {
      parts.push(encodeFrame(end, at, entries));
      end += entries.length;
    }
    const bytes = Buffer.concat(parts);
    await writeAll(file, bytes, segment.bytes);
    reached("spool-written");
    await file.datasync();
    if (isNew) await syncFolder(this.limits.dir);
    reached("spool-synced");
    segment.bytes += bytes.length;
    segment.end = this.#end = end;
    return { segment, offset, sequence, at };
  }

  async #open(): Promise<{ readonly segment: Segment; readonly file: FileHandle }> {
    if (this.#active !== null && this.#active.segment.bytes >= this.limits.segmentBytes) await this.close();
    this.#active ??= await this.#begin();
    return this.#active;
  }

  async #begin(): Promise<{ readonly segment: Segment; readonly file: FileHandle }> {
    const ordinal = this.#nextOrdinal++;
    const path = segmentPath(this.limits.dir, ordinal);
    const segment: Segment = { path, first: this.#end, end: this.#end, bytes: 0 };
    const file = await open(path, "wx", 0o600);
    this.segments.push(segment);
    return { segment, file };
  }

  /** Leaves the segment as it was before the write that failed, as far as the disk still lets us. */
  async #abandon(): Promise<void> {
    const active = this.#active;
    this.#active = null;
    if (active === null) return;
    const { segment, file } = active;
    await file.truncate(segment.bytes).catch(isTold);
    await file.close().catch(isTold);
    if (segment.bytes > 0) return;
    await rm(segment.path, { force: true }).catch(isTold);
    this.#drop(segment);
  }

  #drop(segment: Segment): void {
    this.segments.splice(this.segments.indexOf(segment), 1);
  }
}

/** The write before it has failed and is told; where the segment ends says the next one. */
function isTold(): void {
  return;
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
