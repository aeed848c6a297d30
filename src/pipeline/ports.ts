import type { OutgoingMessage } from "../streams/define.ts";

/** One header as Kafka carries it; a name may come twice and is bytes when it is not UTF-8, a value may be null. */
export type Header = readonly [name: string | Buffer, value: Buffer | null];

/** A record as it lies in a topic; nothing about it has been judged yet. */
export interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since 1970; -1 when the producer gave none. A bigint beyond what a number holds exactly. */
  readonly timestamp: number | bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Records of one partition together with the range of offsets that they settle. `start` is the offset that
 * the ledger holds before the batch and `end` the one it holds after: control records and compacted gaps lie
 * inside the range without being in `records`.
 */
export interface Batch extends TopicPartition {
  readonly epoch: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly records: readonly RawRecord[];
}

/** What became of a batch. `fenced` means that nothing was written: the partition belongs to somebody else now. */
export type Delivery =
  | { readonly kind: "stored"; readonly stored: number; readonly deadLettered: number }
  | { readonly kind: "fenced" };

/**
 * Resolving with `stored` means that the batch is safely down, exactly once; only then may a source forget it.
 * Outages do not reject: they are waited for until the signal fires.
 */
export type Deliver = (batch: Batch, signal: AbortSignal) => Promise<Delivery>;

/** Where a group stands in one partition, and the epoch that entitles this process to move it. */
export interface Claim extends TopicPartition {
  readonly next: bigint;
  readonly epoch: bigint;
  /** Which topic of this name the group has read so far; null when that is not known. */
  readonly topicId: string | null;
}

/** The group's progress, kept where the rows are kept. */
export interface Ledger {
  /**
   * Takes partitions over: raises each epoch, so that whoever held it before can write nothing more, then reads
   * the position. `low` is the earliest offset the topic still has: where a group that never was here begins.
   * `topicId` is what the topic is called now by its brokers, which is kept with a position; null when they do not say.
   */
  claim(
    partitions: readonly (TopicPartition & { readonly low: bigint; readonly topicId: string | null })[],
  ): Promise<readonly Claim[]>;
  /** Where the whole group stands, by partition; without those that nobody ever claimed. */
  positionsOf(topic: string): Promise<ReadonlyMap<number, bigint>>;
}

/** Offsets that messages came to lie at, first and last included. */
export interface OffsetRange extends TopicPartition {
  readonly first: bigint;
  readonly last: bigint;
}

/** Where a collector puts its messages. Resolving means that they are safely down, in order. */
export interface MessageSink extends AsyncDisposable {
  write(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<readonly OffsetRange[]>;
  /** Bytes one message may have at most, key and headers included. */
  readonly maxMessageBytes: number;
}
