/**
 * What a running consumer lets be seen of itself, for whoever measures it: once a batch or once a second, never once
 * a record. The rooms that tell it know neither who looks nor in which form it is shown.
 */
export type Sight =
  /** The group gave us these partitions; where they stand is not known yet. */
  | { readonly kind: "joined"; readonly partitions: readonly number[] }
  /** The consumer ended, for good or to be built anew. */
  | { readonly kind: "left" }
  | { readonly kind: "claimed"; readonly partition: number; readonly next: bigint }
  /** How far the partitions of the topic reach, by partition. */
  | { readonly kind: "ends"; readonly ends: ReadonlyMap<number, bigint> }
  /** Not fetched for now, and why. */
  | { readonly kind: "held"; readonly partition: number; readonly why: string }
  | { readonly kind: "released"; readonly partition: number; readonly why: string }
  | StoredSight
  | { readonly kind: "fenced"; readonly partition: number }
  /** Each second of a consumer's life. */
  | {
      readonly kind: "fetching";
      /** Since when no fetch was answered though one was due. */
      readonly silentMs: number;
      /** Whether this consumer ever had an answer to one. */
      readonly hasFetched: boolean;
    }
  /** Given up, since no fetch was answered although Kafka answers everything else. */
  | { readonly kind: "stalled" }
  | { readonly kind: "rebuilt"; readonly why: "stalled" | "lost" | "crashed" }
  /** Somebody began to wait for a server, or ended to, whatever came of it. Several may wait at a time. */
  | { readonly kind: "away"; readonly server: string }
  | { readonly kind: "back"; readonly server: string }
  /** A try that failed and that will be made again; the vendor's own code of the failure. */
  | { readonly kind: "retry"; readonly code: string | null };

/** A batch is down. */
export interface StoredSight {
  readonly kind: "stored";
  readonly partition: number;
  readonly end: bigint;
  readonly stored: number;
  readonly deadLettered: number;
  /** When the newest record of the batch was produced, in milliseconds since 1970; null when it says nothing. */
  readonly newestAt: number | null;
  /** From the moment it was cut until it was down, everything waited for included. */
  readonly ms: number;
}

export type Observe = (sight: Sight) => void;

export const unobserved: Observe = () => undefined;
