import type { Scope } from "./scope.ts";
import type { StoredFact, StoredSnapshot } from "./stored.ts";
import { isSealed, wholenessOf, type SealedTrace } from "./topic.ts";
import type { SnapshotTrace } from "./trace.ts";
import type { Reach } from "./untouched.ts";

export interface Marks {
  /** Earliest offset that the topic still has, by partition, as it was when the topic was read. */
  readonly lows: ReadonlyMap<number, bigint>;
  /** The offset after the last one that was read, by partition. */
  readonly highs: ReadonlyMap<number, bigint>;
}

export interface ReachedTrace {
  readonly trace: SnapshotTrace;
  readonly stored: StoredSnapshot;
  readonly reach: Reach;
}

/** What may be expected of the database for a snapshot of the topic, from how far the consumer has come with it. */
export function storedFact(reached: ReachedTrace, marks: Marks, scope: Scope): StoredFact {
  const { trace, stored } = reached;
  if (isSealed(trace)) return { stored, seal: "sealed", scope, ...sealedReach(trace, reached.reach, marks) };
  // asked or not, whether it is there is the topic's question
  const watched = scope === "asked" ? "watched" : scope;
  return { stored, seal: "unsealed", scope: watched, reach: unsealedReach(reached, marks), why: null };
}

function sealedReach(
  trace: SealedTrace,
  { next, first }: Reach,
  { lows }: Marks,
): Pick<StoredFact, "reach" | "why"> {
  if (next === null || next <= trace.last) return { reach: "waiting", why: null };
  if (first !== null && first > trace.first) {
    return { reach: "cut", why: `the group was put to offset ${first}, past its first message` };
  }
  switch (wholenessOf(trace, lows)) {
    case "headless":
      return { reach: "cut", why: "retention has removed its first parts" };
    case "torn":
      return { reach: "cut", why: "the topic does not hold it whole" };
    case "whole":
      return { reach: "whole", why: refusalOf(trace) };
  }
}

function refusalOf({ refusedAt, partition }: SnapshotTrace): string | null {
  return refusedAt === null
    ? null
    : `its message at partition ${partition}, offset ${refusedAt} is a dead letter`;
}

function unsealedReach({ trace, reach }: ReachedTrace, { lows, highs }: Marks): StoredFact["reach"] {
  if (reach.next !== null && reach.next > (highs.get(trace.partition) ?? 0n)) return "waiting";
  return (lows.get(trace.partition) ?? 0n) > 0n && !trace.parts.has(1) ? "cut" : "whole";
}
