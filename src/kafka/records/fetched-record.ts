import { isUtf8 } from "node:buffer";
import { narrow } from "../../core/narrow.ts";
import type { Header, RawRecord } from "../../pipeline/ports.ts";
import { Varints } from "./varints.ts";

/** What the records of one record batch have in common; kafkajs looks at the first three. */
export interface BatchContext {
  readonly producerId: string;
  readonly inTransaction: boolean;
  /** Its records are markers of transactions. */
  readonly isControlBatch: boolean;
  readonly firstOffset: bigint;
  readonly firstTimestamp: number | bigint;
  /** The broker's own time, where the topic has that instead of the producers'. */
  readonly appendedAt: number | bigint | null;
  /** Where the batch came from, as soon as that is known. */
  topic: string;
  partition: number;
}

/** Where the parts of a record lie in the bytes of its batch; a length of -1 means null. */
export interface RecordLayout {
  readonly offsetDelta: number;
  readonly timestampDelta: number | bigint;
  readonly keyAt: number;
  readonly keyLength: number;
  readonly valueAt: number;
  readonly valueLength: number;
  readonly headersAt: number;
  /** Bytes of the whole record. */
  readonly size: number;
}

const NO_HEADERS: readonly Header[] = [];

/**
 * One record as it lies in the answer to a fetch. Its parts are made when they are asked for: most records wait in a
 * queue, have their value read once and are gone, and what waits is what the garbage collector has to carry about.
 */
export class FetchedRecord implements RawRecord {
  readonly batchContext: BatchContext;
  readonly #bytes: Buffer;
  readonly #layout: RecordLayout;

  constructor(context: BatchContext, bytes: Buffer, layout: RecordLayout) {
    this.batchContext = context;
    this.#bytes = bytes;
    this.#layout = layout;
  }

  get topic(): string {
    return this.batchContext.topic;
  }

  get partition(): number {
    return this.batchContext.partition;
  }

  get offset(): bigint {
    return this.batchContext.firstOffset + BigInt(this.#layout.offsetDelta);
  }

  get timestamp(): number | bigint {
    const { appendedAt, firstTimestamp } = this.batchContext;
    const { timestampDelta } = this.#layout;
    if (appendedAt !== null) return appendedAt;
    const sum = Number(firstTimestamp) + Number(timestampDelta);
    return Number.isSafeInteger(sum)
      ? sum
      : narrow(BigInt.asIntN(64, BigInt(firstTimestamp) + BigInt(timestampDelta)));
  }

  get key(): Buffer | null {
    return this.#part(this.#layout.keyAt, this.#layout.keyLength);
  }

  get value(): Buffer | null {
    return this.#part(this.#layout.valueAt, this.#layout.valueLength);
  }

  /**
   * Pairs in their order. kafkajs 2.2.4 makes one object of them: the order is lost, names that are not UTF-8 are
   * changed, and each header copies those before it, so that 100,000 of them stop the process for minutes.
   */
  get headers(): readonly Header[] {
    const cursor = new Varints(this.#bytes, this.#layout.headersAt);
    const count = cursor.int();
    if (count <= 0) return NO_HEADERS;
    const headers: Header[] = [];
    // each has two bytes at least: a number that lies cannot make us go on behind the end
    for (let left = count; left > 0 && cursor.at < this.#bytes.length; left -= 1) {
      const name = this.#next(cursor) ?? Buffer.alloc(0);
      headers.push([isUtf8(name) ? name.toString("utf8") : name, this.#next(cursor)]);
    }
    return headers;
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }

  /** Bytes in the topic, uncompressed. */
  get size(): number {
    return this.#layout.size;
  }

  #next(cursor: Varints): Buffer | null {
    const length = cursor.int();
    const part = this.#part(cursor.at, length);
    cursor.at += part?.length ?? 0;
    return part;
  }

  #part(at: number, length: number): Buffer | null {
    return length < 0 ? null : this.#bytes.subarray(at, at + length);
  }
}
