import type { JsonObject } from "../../../core/json.ts";
import type { Stream } from "../../../streams/define.ts";
import type { RawRecord } from "../../ports.ts";
import { manifestOf, type ManifestClaim } from "./manifest.ts";
import { PartSet } from "./part-set.ts";
import { peekObjects } from "./peek.ts";

/** What the topic holds of one snapshot. Numbers only: a snapshot of a gigabyte takes a few kilobytes here. */
export interface SnapshotTrace {
  readonly snapshot: string;
  /** Where its first message lies. */
  readonly partition: number;
  first: bigint;
  last: bigint;
  /** Milliseconds since 1970 of its last message; -1 when the producer gave none. */
  lastAt: number;
  messages: number;
  /** Partitions other than the first in which messages of it lie. */
  readonly strays: Set<number>;
  readonly parts: PartSet;
  /** Messages that brought a part, or the seal, once more. */
  duplicates: number;
  seal: { readonly offset: bigint; readonly timestamp: number; readonly manifest: ManifestClaim } | null;
  aborted: string | null;
  /** Its messages that are among the dead letters. */
  deadLettered: bigint;
  /** One of those, for people to look at. */
  deadLetterAt: bigint | null;
}

export interface RefusedRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
}

/** Follows the snapshots of a topic, record by record, in each partition's own order. */
export class TopicTrace {
  readonly #stream: Stream;
  readonly #snapshots = new Map<string, SnapshotTrace>();
  /** Records that the stream's decoding refuses. */
  refused = 0;
  firstRefused: RefusedRecord | null = null;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get snapshots(): readonly SnapshotTrace[] {
    return [...this.#snapshots.values()];
  }

  /** `fate` tells whether the record is among the group's dead letters; those are always decoded whole. */
  see(record: RawRecord, fate: "dead-lettered" | "other"): void {
    const peeked = peekObjects(record.value);
    if (peeked !== null && fate === "other") this.#part(this.#touch(peeked.snapshot, record), peeked.part);
    else this.#decode(record, fate, peeked?.snapshot ?? null);
  }

  #decode(record: RawRecord, fate: "dead-lettered" | "other", peeked: string | null): void {
    const decoded = this.#stream.decode(record);
    if (decoded.kind === "rejected") {
      this.refused += 1;
      this.firstRefused ??= { partition: record.partition, offset: record.offset, reason: decoded.reason };
      if (peeked !== null) markDeadLetter(this.#touch(peeked, record), record.offset);
      return;
    }
    const touched = new Map<string, SnapshotTrace>();
    for (const row of decoded.rows) {
      const snapshot = String(row["snapshot"]).toLowerCase();
      const trace = touched.get(snapshot) ?? this.#touch(snapshot, record);
      touched.set(snapshot, trace);
      this.#row(trace, row, record);
    }
    if (fate === "dead-lettered") for (const trace of touched.values()) markDeadLetter(trace, record.offset);
  }

  /** Notes one message of a snapshot: where it lies, and when it came to lie there. */
  #touch(snapshot: string, { partition, offset, timestamp }: RawRecord): SnapshotTrace {
    const trace = this.#snapshots.get(snapshot) ?? begun(snapshot, partition, offset);
    this.#snapshots.set(snapshot, trace);
    trace.messages += 1;
    if (partition === trace.partition) trace.last = offset;
    else trace.strays.add(partition);
    trace.lastAt = Math.max(trace.lastAt, timestamp);
    return trace;
  }

  #part(trace: SnapshotTrace, part: number): void {
    if (!trace.parts.add(part)) trace.duplicates += 1;
  }

  #row(trace: SnapshotTrace, row: JsonObject, record: RawRecord): void {
    if (typeof row["part"] === "number") this.#part(trace, row["part"]);
    else if (row["op"] === "abort") trace.aborted ??= String(row["reason"]);
    else if (row["op"] === "end") seal(trace, row, record);
  }
}

function begun(snapshot: string, partition: number, offset: bigint): SnapshotTrace {
  return {
    snapshot,
    partition,
    first: offset,
    last: offset,
    lastAt: -1,
    messages: 0,
    strays: new Set(),
    parts: new PartSet(),
    duplicates: 0,
    seal: null,
    aborted: null,
    deadLettered: 0n,
    deadLetterAt: null,
  };
}

function seal(trace: SnapshotTrace, row: JsonObject, { offset, timestamp }: RawRecord): void {
  const manifest = manifestOf(row);
  if (manifest === null) return;
  if (trace.seal === null) trace.seal = { offset, timestamp, manifest };
  else trace.duplicates += 1;
}

function markDeadLetter(trace: SnapshotTrace, offset: bigint): void {
  trace.deadLettered += 1n;
  trace.deadLetterAt ??= offset;
}
