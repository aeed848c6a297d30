import { join, resolve } from "node:path";
import type { Tell } from "../core/report.ts";
import { giveBack, tryLock } from "../machine/lock-file.ts";
import { reached } from "../pipeline/points.ts";
import { AppendQueue } from "./append-queue.ts";
import { writeCursor } from "./cursor.ts";
import { makePrivateFolder } from "./disk.ts";
import { heldBy, notOpened, notRead, notWritten } from "./failures.ts";
import { framesFrom } from "./frames-from.ts";
import { GroupWriter, type SpoolLimits } from "./group-writer.ts";
import { recover, type Recovered } from "./recover.ts";
import type { InSegment, Oldest } from "./segment.ts";

export interface SpoolOptions {
  readonly dir: string;
  readonly maxBytes: number;
  readonly segmentBytes?: number;
  readonly minFreeBytes?: number;
  readonly tell: Tell;
}

/** How many entries were confirmed in the life of the spool, when all up to here are. */
export type Position = number;

export interface ReadLimits {
  readonly maxEntries: number;
  /** One entry is read however long it is. */
  readonly maxBytes: number;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
const MIN_FREE_BYTES = 64 * 1024 * 1024;

/** Opens the folder's spool for this process alone, and makes it when it is not there. */
export async function openSpool({ tell, ...options }: SpoolOptions): Promise<Spool> {
  const dir = resolve(options.dir);
  const limits = { segmentBytes: SEGMENT_BYTES, minFreeBytes: MIN_FREE_BYTES, ...options, dir };
  const lock = join(dir, "lock");
  try {
    await makePrivateFolder(dir);
    const holder = tryLock(lock);
    if (holder !== null) throw heldBy(dir, holder.pid);
  } catch (cause) {
    throw notOpened(dir, cause);
  }
  try {
    return new Spool(limits, await recover(dir, tell), lock);
  } catch (cause) {
    giveBack(lock);
    throw notOpened(dir, cause);
  }
}

/** A log on the disk: entries go in at one end and are kept until they are confirmed at the other. */
export class Spool implements AsyncDisposable {
  readonly #dir: string;
  readonly #lock: string;
  readonly #writer: GroupWriter;
  readonly #queue: AppendQueue;
  #confirmed: number;
  /** Null when all is confirmed. */
  #oldest: Oldest | null;
  /** Behind what was read last, so that its confirmation need not look for it. */
  #readTo: InSegment | null = null;
  /** Reads and confirmations, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(limits: SpoolLimits, found: Recovered, lock: string) {
    this.#dir = limits.dir;
    this.#lock = lock;
    this.#confirmed = found.confirmed;
    this.#oldest = found.oldest;
    this.#writer = new GroupWriter(limits, found.segments, found.end, found.nextOrdinal);
    this.#queue = new AppendQueue(this.#writer, (first) => (this.#oldest ??= first));
  }

  /** What is not confirmed, what all takes on the disk, and when the oldest entry came, in ms since 1970. */
  get depth(): { readonly entries: number; readonly bytes: number; readonly oldestAt: number | null } {
    const { end, bytes } = this.#writer;
    return { entries: end - this.#confirmed, bytes, oldestAt: this.#oldest?.at ?? null };
  }

  /** Resolves when all of these are on the disk; of one call all are kept, or none. */
  async append(entries: readonly Buffer[]): Promise<void> {
    await this.#queue.append(entries);
  }

  /** The oldest entries that are not confirmed; null when there is none. */
  async read(
    limits: ReadLimits,
  ): Promise<{ readonly entries: readonly Buffer[]; readonly upTo: Position } | null> {
    return await this.#inTurn(() => this.#read(limits)).catch((cause: unknown) => {
      throw notRead(this.#dir, cause);
    });
  }

  /** These are never read again once this resolved; when it did not, they may be. */
  async confirm(upTo: Position): Promise<void> {
    if (upTo > this.#writer.end) throw new RangeError(`${upTo} is behind the end of the spool`);
    await this.#inTurn(() => this.#confirm(upTo)).catch((cause: unknown) => {
      throw notWritten(this.#dir, cause);
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#queue.close();
    await this.#turn;
    await this.#writer.close();
    giveBack(this.#lock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #read({ maxEntries, maxBytes }: ReadLimits): Promise<{ entries: Buffer[]; upTo: Position } | null> {
    if (this.#oldest === null) return null;
    const entries: Buffer[] = [];
    let bytes = 0;
    const upTo = (): Position => this.#confirmed + entries.length;
    for await (const { segment, ...frame } of framesFrom(
      this.#writer.segments,
      this.#oldest,
      this.#writer.end,
    )) {
      this.#readTo = { segment, offset: frame.offset, sequence: frame.sequence };
      for (const entry of frame.entries.slice(Math.max(0, this.#confirmed - frame.sequence))) {
        bytes += entry.length;
        const isEnough = entries.length > 0 && (entries.length >= maxEntries || bytes > maxBytes);
        if (isEnough) return { entries, upTo: upTo() };
        entries.push(entry);
      }
      this.#readTo = { segment, ...frame.next };
      if (entries.length >= maxEntries) break;
    }
    return { entries, upTo: upTo() };
  }

  async #confirm(upTo: Position): Promise<void> {
    if (upTo > this.#confirmed) {
      await writeCursor(this.#dir, upTo);
      reached("spool-confirmed");
      // asked and answered at once: whoever appends meanwhile has to find that nothing is left
      if (upTo === this.#writer.end) this.#oldest = null;
      else this.#oldest = await this.#locate(upTo);
      this.#confirmed = upTo;
    }
    await this.#writer.forget(this.#confirmed);
  }

  async #locate(upTo: Position): Promise<Oldest | null> {
    const isAhead =
      this.#readTo !== null && this.#readTo.sequence > this.#confirmed && this.#readTo.sequence <= upTo;
    const from = isAhead ? this.#readTo : this.#oldest;
    if (from === null) return null;
    for await (const frame of framesFrom(this.#writer.segments, from, this.#writer.end)) {
      if (frame.next.sequence > upTo)
        return { segment: frame.segment, offset: frame.offset, sequence: frame.sequence, at: frame.at };
    }
    return null;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }
}
