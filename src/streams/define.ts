import type { JsonObject } from "../core/json.ts";

/** A message on its way out. */
export interface OutgoingMessage {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a topic is made when it does not exist; values are Kafka's own topic settings. */
export interface TopicProfile {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** What a stream may look at to judge a record. */
export interface RecordView {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Milliseconds since 1970, or -1. */
  readonly timestamp: number | bigint;
  /** Where the record lies; left out for a message that is on its way without Kafka. */
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: bigint;
  /** In the record's own order; a name may come twice and is bytes when it is not UTF-8. */
  readonly headers?: readonly (readonly [name: string | Buffer, value: Buffer | null])[];
}

/** A bad record is a value, not an exception: it goes to the dead letters with its reason. */
export type Decoded =
  | {
      /** For a procedure, or for the first table of the stream. */
      readonly kind: "rows";
      readonly rows: readonly JsonObject[];
      /** What the rows take as JSON, told where they were packed and may be far more than the record's value. */
      readonly bytes?: number;
    }
  | {
      /** For several tables: the rows of each, in the order of the target's list; an empty list where there are none. */
      readonly kind: "tables";
      readonly tables: readonly (readonly JsonObject[])[];
    }
  | { readonly kind: "rejected"; readonly reason: string };

/** A table, and what of a row goes into it: the members that are columns are taken, a missing one is NULL. */
export interface Table {
  /** Schema and table. */
  readonly table: readonly [schema: string, table: string];
  /** Column names with their PostgreSQL types. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns that make two rows the same fact, under a unique constraint; empty for a table without a key. */
  readonly identity: readonly string[];
  /**
   * What becomes of a row whose fact is there already: the first one stays, or the later one takes its place. With
   * `change`, rows are what befell the rows of another table, in order: a member that is missing leaves the column as it
   * is, and with `CHANGE` the row of its identity goes, or all rows go.
   */
  readonly again: "keep" | "replace" | "change";
}

/** The member of a row that says "delete" or "truncate"; no column can have this name. */
export const CHANGE = "clusterflow:change";

/**
 * Where the rows go. `tables` take them as they are, those of one batch together or not at all; a `procedure` is a SQL
 * function of ours that takes all rows of a batch as one JSON array, for streams whose records are pieces of
 * something larger.
 */
export type Target =
  | { readonly kind: "tables"; readonly tables: readonly Table[] }
  | { readonly kind: "procedure"; readonly procedure: readonly [schema: string, name: string] };

/** A message for the topic, or the member of the event that is wrong (null: the event as a whole) and words about it. */
export type Ingested =
  | { readonly kind: "message"; readonly id: string; readonly message: OutgoingMessage }
  | { readonly kind: "fault"; readonly field: string | null; readonly reason: string };

/** How events that clients post become messages. */
export interface IngestPart {
  /** `text` is the event's JSON as it was posted, which the message carries unchanged; `at` is now, RFC 3339. */
  toMessage(event: JsonObject, text: string, at: string): Ingested;
  /** Why its events cannot be stored without Kafka, as words after the stream's name; null when they can. */
  readonly onlyThroughKafka: string | null;
}

/** Everything clusterflow has to know about one stream. No SQL and no driver: it is read without knowing either. */
export interface Stream {
  readonly name: string;
  /** Other spellings of its name and topic that are in use; who names one means the topic of that name. */
  readonly aliases?: readonly string[];
  readonly topic: TopicProfile;
  /** The consumer group that `consume` uses when none is named. */
  readonly group: string;
  readonly target: Target;
  decode(record: RecordView): Decoded;
  /** The key that its producers give an event; left out where the stream does not care. */
  readonly keyOf?: (event: JsonObject) => string | null;
  /** Missing where the messages are made by others. */
  readonly ingest?: IngestPart;
}
