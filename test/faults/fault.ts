import type { Point } from "../../src/pipeline/points.ts";
import type { World } from "./world.ts";

export type FaultKind = "kill" | "throw" | "stop" | "Kafka's wire" | "PostgreSQL's wire" | "a server";

/** One line of the matrix. */
export interface Fault {
  readonly name: string;
  readonly kind: FaultKind;
  /** Consumer processes while it happens. A process that does something to itself is the first of them. */
  readonly members: 1 | 3;
  /** Where the first process does something to itself, and at which time that it gets there. */
  readonly at?: { readonly point: Point; readonly nth: number };
  /** The sleeper wakes with a batch in its hands: its write has to be refused, or nothing was proven. */
  readonly isFenced?: true;
  /** Takes its time: left to `make faults`. */
  readonly isLong?: true;
  /** Events each second while it lasts. */
  readonly perSecond: number;
  /** Makes it happen, sees it, ends it; throws when it was not seen. */
  readonly inject: (world: World) => Promise<void>;
}
