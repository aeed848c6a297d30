import type { DatabaseSettings } from "../../config/parts.ts";
import { anyOf } from "../../core/signal.ts";
import { Breaker } from "../../pipeline/breaker.ts";
import type { Batch, Deliver, Delivery } from "../../pipeline/ports.ts";
import { Connection } from "../connection.ts";
import { openWriter, type WriterOptions } from "./deliver.ts";
import { openStoreTogether } from "./together.ts";

export interface WriterPoolOptions extends Omit<WriterOptions, "connection"> {
  readonly database: DatabaseSettings;
  /** Writers, each with a connection of its own and one statement in flight. */
  readonly size: number;
}

/** Fewer records than this wait for the end of the moment, for others to be written together with. */
const SMALL = 500;
/** Records that are written together. */
const TOGETHER = 1_000;

/** A batch that is on its way, and those who wait for it. */
interface Delivering {
  readonly batch: Batch;
  readonly signal: AbortSignal;
  readonly resolve: (delivery: Delivery | Promise<Delivery>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Several writers. A batch goes to the one that has least to do: a partition has one batch on its way at a time, and its
 * order needs no more. Small ones of several partitions that come in one moment are written together.
 */
export function openWriterPool(options: WriterPoolOptions): { readonly deliver: Deliver } & AsyncDisposable {
  const pool = new WriterPool(options);
  return {
    deliver: (batch, signal) => pool.deliver(batch, signal),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

class WriterPool {
  readonly #writers: readonly PoolWriter[];
  #moment: Delivering[] = [];

  constructor(options: WriterPoolOptions) {
    if (options.size < 1) throw new RangeError("a pool of no writers");
    const shared = { ...options, breaker: options.breaker ?? new Breaker(0) };
    this.#writers = Array.from({ length: options.size }, () => new PoolWriter(shared));
  }

  deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    return new Promise((resolve, reject) => {
      this.#moment.push({ batch, signal, resolve, reject });
      if (this.#moment.length === 1) setImmediate(() => this.#endMoment());
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.close()));
  }

  #endMoment(): void {
    const moment = this.#moment;
    this.#moment = [];
    for (const together of gathered(moment)) this.#idlest().write(together);
  }

  #idlest(): PoolWriter {
    return this.#writers.reduce((least, writer) => (writer.load < least.load ? writer : least));
  }
}

/** Parts what came in one moment into what is written together. */
function gathered(moment: readonly Delivering[]): readonly (readonly Delivering[])[] {
  const parts: Delivering[][] = [];
  let open: Delivering[] | null = null;
  let room = 0;
  for (const one of moment) {
    const { length } = one.batch.records;
    if (length >= SMALL) {
      parts.push([one]);
      continue;
    }
    if (open === null || length > room) {
      open = [];
      parts.push(open);
      room = TOGETHER;
    }
    open.push(one);
    room -= length;
  }
  return parts;
}

/** One connection, and what is on its way there. */
class PoolWriter {
  /** Batches that are not down yet. */
  load = 0;
  readonly #connection: Connection;
  readonly #deliver: Deliver;
  readonly #storeTogether: ReturnType<typeof openStoreTogether>;

  constructor(options: WriterPoolOptions & { readonly breaker: Breaker }) {
    const name = `clusterflow consume ${options.group}`;
    this.#connection = new Connection(options.database, name, options.tell);
    const own = { ...options, connection: this.#connection };
    this.#deliver = openWriter(own);
    this.#storeTogether = openStoreTogether(own);
  }

  /** Never rejects: each batch hears for itself. */
  write(batches: readonly Delivering[]): void {
    this.load += batches.length;
    void this.#writeAll(batches)
      .catch((error: unknown) => {
        for (const { reject } of batches) reject(error);
      })
      .finally(() => (this.load -= batches.length));
  }

  async close(): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #writeAll(batches: readonly Delivering[]): Promise<void> {
    if (await this.#areTogetherDown(batches)) {
      for (const { batch, resolve } of batches)
        resolve({ kind: "stored", stored: batch.records.length, deadLettered: 0 });
      return;
    }
    const each = batches.map(async ({ batch, signal, resolve, reject }) =>
      this.#deliver(batch, signal).then(resolve, reject),
    );
    await Promise.all(each);
  }

  async #areTogetherDown(batches: readonly Delivering[]): Promise<boolean> {
    if (batches.length < 2 || this.#storeTogether === null) return false;
    using given = anyOf(batches.map(({ signal }) => signal));
    const all = batches.map(({ batch }) => batch);
    return await this.#storeTogether(all, given.signal);
  }
}
