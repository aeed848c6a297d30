import type { ClusterflowError } from "../../core/errors.ts";
import type { OutgoingMessage } from "../../streams/define.ts";

/** Where a message came to lie. */
export interface Place {
  readonly partition: number;
  readonly offset: bigint;
}

export interface Sent {
  /** Of the first messages, those that are down for sure. */
  readonly places: readonly Place[];
  /** Why the others may not be; null when all are down. */
  readonly error: ClusterflowError | null;
}

/** Kafka as the gateway sees it: one try a call, in order, one call at a time. */
export interface EventLog {
  /** As a person calls it. */
  readonly name: string;
  readonly maxMessageBytes: number;
  send(messages: readonly OutgoingMessage[]): Promise<Sent>;
  /** Resolves when it answers. */
  probe(): Promise<void>;
}

/** What waits for Kafka, on a disk. */
export interface WaitingLine {
  readonly depth: { readonly entries: number; readonly bytes: number; readonly oldestAt: number | null };
  append(entries: readonly Buffer[]): Promise<void>;
  read(limits: {
    readonly maxEntries: number;
    readonly maxBytes: number;
  }): Promise<{ readonly entries: readonly Buffer[]; readonly upTo: number } | null>;
  confirm(upTo: number): Promise<void>;
}

/** What became of one message. */
export type Outcome =
  | ({ readonly kind: "kafka" } & Place)
  | { readonly kind: "direct" }
  | { readonly kind: "spool" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unavailable"; readonly retryAfterS: number; readonly reason: string };

/** One outcome for each message, in their order; never rejects. Called again only when it is done. */
export type Store = (messages: readonly OutgoingMessage[]) => Promise<readonly Outcome[]>;
