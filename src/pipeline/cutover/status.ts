import type { State } from "./states.ts";

/** Where a cut-over is, as it is told. */
export interface CutoverStatus {
  readonly stream: string;
  readonly state: State;
  /** Null where no cut-over was begun. */
  readonly since: string | null;
  readonly table: string | null;
  readonly topic: string;
  /** Rows in the outbox. */
  readonly waiting: bigint;
  readonly backfilled: bigint;
  /** Updates, deletes and truncates since the start; null for none. */
  readonly changes: string | null;
  /** Events that came back into the table, and those that it does not take. */
  readonly refilled: bigint;
  readonly leftOver: bigint;
  readonly keptAs: string | null;
  readonly keptUntil: string | null;
  readonly next: string | null;
}
