import type { JsonObject } from "../../../core/json.ts";
import type { Stream } from "../../../streams/define.ts";
import type { RawRecord } from "../../ports.ts";
import { probeOf } from "../../probe.ts";
import { manifestOf, type ManifestClaim } from "./manifest.ts";
import { PartSet } from "./part-set.ts";
import { peekObjects } from "./peek.ts";

/** What the topic holds of one snapshot. Numbers only: a snapshot of a gigabyte takes a few kilobytes here. */
export interface SnapshotTrace {
  readonly snapshot: string;
  /** Where its first message lies. */
  readonly partition: number;
  readonly first: bigint;
  last: bigint;
  messages: number;
  /** Other partitions in which messages of it lie. */
  readonly strays: Set<number>;
  readonly parts: PartSet;
  /** Messages that brought once more what was there already. */
  repeated: number;
  seal: Seal | null;
  /** Why it was given up; null while nobody said so. */
  aborted: string | null;
  /** The first of its messages that the stream's decoding refuses or that is among the group's dead letters. */
  refusedAt: bigint | null;
}

/** The message that says what a snapshot must hold. */
export interface Seal {
  readonly offset: bigint;
  /** Milliseconds since 1970; -1 when the producer gave none. */
  readonly timestamp: number;
  readonly manifest: ManifestClaim;
}

/** What became of a record, as far as the group's dead letters tell. */
export type Fate = "dead-lettered" | "other";

export interface RefusedRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
}

/** Follows the snapshots of a topic, record by record, in each partition's own order. */
export class TopicTrace {
  readonly #stream: Stream;
  readonly #snapshots = new Map<string, SnapshotTrace>();
  /** Records that the stream's decoding refuses, as far as they had to be decoded. */
  refused = 0;
  firstRefused: RefusedRecord | null = null;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get snapshots(): readonly SnapshotTrace[] {
    return [...this.#snapshots.values()];
  }

  see(record: RawRecord, fate: Fate): void {
    if (probeOf(record) !== null) return;
    const peeked = peekObjects(record);
    if (peeked === null || fate === "dead-lettered") this.#decode(record, fate, peeked?.snapshot ?? null);
    else {
      const trace = this.#touch(peeked.snapshot, record);
      notePlace(trace, record, trace.parts.add(peeked.part));
    }
  }

  #decode(record: RawRecord, fate: Fate, peeked: string | null): void {
    const decoded = this.#stream.decode(record);
    if (decoded.kind === "rejected") {
      this.refused += 1;
      this.firstRefused ??= { partition: record.partition, offset: record.offset, reason: decoded.reason };
      if (peeked !== null) this.#touch(peeked, record).refusedAt ??= record.offset;
      return;
    }
    if (decoded.kind === "tables") return; // rows of tables are no part of a snapshot
    // one record may be a whole snapshot; more than one snapshot in a record is nothing that any stream of ours makes
    for (const snapshot of new Set(decoded.rows.map(snapshotOf))) {
      const rows = decoded.rows.filter((row) => snapshotOf(row) === snapshot);
      const trace = this.#touch(snapshot, record);
      if (fate === "dead-lettered") trace.refusedAt ??= record.offset;
      const fresh = rows.filter((row) => takeIn(trace, row, record));
      notePlace(trace, record, fresh.length === rows.length);
    }
  }

  /** Notes one message of a snapshot and where it lies. */
  #touch(snapshot: string, { partition, offset }: RawRecord): SnapshotTrace {
    const trace = this.#snapshots.get(snapshot) ?? begun(snapshot, partition, offset);
    this.#snapshots.set(snapshot, trace);
    trace.messages += 1;
    if (partition === trace.partition) trace.last = offset;
    return trace;
  }
}

/** The same message once more is no stray: without a key a producer sends it again wherever it likes. */
function notePlace(trace: SnapshotTrace, { partition }: RawRecord, isFresh: boolean): void {
  if (!isFresh) trace.repeated += 1;
  else if (partition !== trace.partition) trace.strays.add(partition);
}

function snapshotOf(row: JsonObject): string {
  return textOf(row, "snapshot").toLowerCase();
}

function textOf(row: JsonObject, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : "";
}

function begun(snapshot: string, partition: number, offset: bigint): SnapshotTrace {
  return {
    snapshot,
    partition,
    first: offset,
    last: offset,
    messages: 0,
    strays: new Set(),
    parts: new PartSet(),
    repeated: 0,
    seal: null,
    aborted: null,
    refusedAt: null,
  };
}

/** False when what the row says had been said before. */
function takeIn(trace: SnapshotTrace, row: JsonObject, { offset, timestamp }: RawRecord): boolean {
  const { part, op } = row;
  if (typeof part === "number") return trace.parts.add(part);
  if (op === "abort") {
    trace.aborted ??= textOf(row, "reason");
    return true;
  }
  const manifest = manifestOf(row);
  if (manifest === null || trace.seal !== null) return trace.seal === null;
  trace.seal = { offset, timestamp: Number(timestamp), manifest };
  return true;
}
