import type { RawRecord } from "../pipeline/ports.ts";
import { bytesOf } from "./record.ts";

/**
 * What a record costs in memory besides its bytes: the views on key and value, the offset, the objects, and the same
 * again for each header (measured on Node 20).
 */
const RECORD_OVERHEAD_BYTES = 320;
const HEADER_OVERHEAD_BYTES = 190;

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
    for (const record of records) this.#cost += costOf(record);
  }

  clear(): void {
    this.#segments = [];
    this.#cost = 0;
  }

  /** Takes as much as the limits allow, at least one record if there is one; null when nothing waits. */
  cut(limits: CutLimits): Cut | null {
    if (this.isEmpty) return null;
    const records: RawRecord[] = [];
    let end = 0n;
    let bytes = 0;
    let cost = 0;
    for (let segment = this.#segments[0]; segment !== undefined; segment = this.#segments[0]) {
      for (const record of segment.records.slice(segment.taken)) {
        const size = bytesOf(record);
        if (records.length > 0 && (records.length >= limits.records || bytes + size > limits.bytes)) break;
        records.push(record);
        segment.taken += 1;
        bytes += size;
        cost += costOf(record);
        end = record.offset + 1n;
      }
      if (segment.taken < segment.records.length) break;
      end = segment.end;
      this.#segments.shift();
    }
    this.#cost -= cost;
    return { records, end, cost };
  }
}

function costOf(record: RawRecord): number {
  return bytesOf(record) + RECORD_OVERHEAD_BYTES + record.headers.length * HEADER_OVERHEAD_BYTES;
}
