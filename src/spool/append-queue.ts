import type { ClusterflowError } from "../core/errors.ts";
import { closed, full, notWritten } from "./failures.ts";
import { frameBytes } from "./frame.ts";
import type { GroupWriter } from "./group-writer.ts";
import type { Oldest } from "./segment.ts";

/** What is written and synced at once, and lies twice in memory then. */
const GROUP_BYTES = 4 * 1024 * 1024;

interface Call {
  readonly entries: readonly Buffer[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: ClusterflowError) => void;
}

/** Calls that come while a group is on its way to the disk are the next group: they share one fsync. */
export class AppendQueue {
  readonly #writer: GroupWriter;
  readonly #onWritten: (first: Oldest) => void;
  #waiting: Call[] = [];
  #pumping: Promise<void> | null = null;
  #isClosed = false;

  constructor(writer: GroupWriter, onWritten: (first: Oldest) => void) {
    this.#writer = writer;
    this.#onWritten = onWritten;
  }

  async append(entries: readonly Buffer[]): Promise<void> {
    if (this.#isClosed) throw closed(this.#writer.limits.dir);
    if (entries.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ entries, bytes: frameBytes(entries), resolve, reject });
      this.#pumping ??= this.#pump();
    });
  }

  /** Waits for what was asked for before. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pumping;
  }

  async #pump(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeGroup(this.#takeGroup());
    this.#pumping = null;
  }

  #takeGroup(): Call[] {
    let bytes = 0;
    const tooMany = this.#waiting.findIndex((call) => (bytes += call.bytes) > GROUP_BYTES);
    return this.#waiting.splice(0, tooMany === -1 ? this.#waiting.length : Math.max(1, tooMany));
  }

  async #writeGroup(group: readonly Call[]): Promise<void> {
    let fitting = group;
    try {
      fitting = await this.#fitting(group);
      if (fitting.length === 0) return;
      this.#onWritten(await this.#writer.write(fitting.map((call) => call.entries)));
      for (const call of fitting) call.resolve();
    } catch (cause) {
      for (const call of fitting) call.reject(notWritten(this.#writer.limits.dir, cause));
    }
  }

  /** Those for which there is room, in their order; the others are refused. */
  async #fitting(group: readonly Call[]): Promise<readonly Call[]> {
    const { dir, maxBytes, minFreeBytes } = this.#writer.limits;
    const { ofLimit, ofDisk } = await this.#writer.room();
    let used = 0;
    return group.filter((call) => {
      const wanted = used + call.bytes;
      if (wanted <= ofLimit && wanted <= ofDisk) return (used = wanted) > 0;
      const why =
        wanted > ofLimit
          ? `its limit is ${maxBytes} bytes`
          : `its disk has to keep ${minFreeBytes} bytes free`;
      call.reject(full(dir, why, call.bytes <= maxBytes));
      return false;
    });
  }
}
