import type { RawRecord } from "../pipeline/ports.ts";
import { bytesOf } from "./records/record.ts";

/** What a record costs in memory besides its bytes: the record itself and its place in two lists (measured on Node 20). */
const RECORD_OVERHEAD_BYTES = 160;

export interface CutLimits {
  readonly records: number;
  /** Bytes of keys, values and headers; a single record may have more. */
  readonly bytes: number;
}

/** The next records of a partition, and the offset behind them that is settled with them. */
export interface Cut {
  readonly records: readonly RawRecord[];
  readonly end: bigint;
  /** Memory that the records take, to be given back when they are delivered. */
  readonly cost: number;
}

/** What one fetch brought: `end` lies behind its last offset, also where that was a marker and no record. */
interface Segment {
  readonly records: readonly RawRecord[];
  readonly end: bigint;
  /** Records that were cut off already. */
  taken: number;
}

/** Fetched records of one partition, in order, until they are cut into batches. */
export class PartitionQueue {
  #segments: Segment[] = [];
  #cost = 0;

  /** Memory that the waiting records take, in bytes. */
  get cost(): number {
    return this.#cost;
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  push(records: readonly RawRecord[], end: bigint): void {
    this.#segments.push({ records, end, taken: 0 });
    for (const record of records) this.#cost += bytesOf(record) + RECORD_OVERHEAD_BYTES;
  }

  clear(): void {
    this.#segments = [];
    this.#cost = 0;
  }

  /** Takes as much as the limits allow, at least one record if there is one; null when nothing waits. */
  cut(limits: CutLimits): Cut | null {
    if (this.isEmpty) return null;
    const records: RawRecord[] = [];
    let bytes = 0;
    let end = 0n;
    for (let segment = this.#segments[0]; segment !== undefined; segment = this.#segments[0]) {
      bytes += takeFrom(segment, records, { ...limits, bytes: limits.bytes - bytes });
      const last = segment.taken < segment.records.length ? records.at(-1) : undefined;
      end = last === undefined ? segment.end : last.offset + 1n;
      if (last !== undefined) break;
      this.#segments.shift();
    }
    const cost = bytes + records.length * RECORD_OVERHEAD_BYTES;
    this.#cost -= cost;
    return { records, end, cost };
  }
}

/** Adds what the limits allow to `records`, one at least if there is none; says how many bytes that was. */
function takeFrom(segment: Segment, records: RawRecord[], limits: CutLimits): number {
  let bytes = 0;
  for (; segment.taken < segment.records.length; segment.taken += 1) {
    const record = segment.records[segment.taken];
    if (record === undefined) break;
    const size = bytesOf(record);
    if (records.length > 0 && (records.length >= limits.records || bytes + size > limits.bytes)) break;
    records.push(record);
    bytes += size;
  }
  return bytes;
}
