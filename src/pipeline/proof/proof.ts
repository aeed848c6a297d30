import type { Check } from "./check.ts";
import type { SettledOffsets } from "./offsets.ts";
import type { KindProof } from "./snapshot/contents.ts";

/** `in-flight`: nothing is wrong, and something is not there yet. */
export type Verdict = "proven" | "wrong" | "in-flight";

/** One snapshot whose contents were compared. */
export interface ProvenSnapshot {
  readonly snapshot: string;
  readonly cluster: string;
  /** What the database says became of it; null while it knows nothing of it. */
  readonly status: string | null;
  readonly reason: string | null;
  /** Where its messages lie, first and last included; null without Kafka. */
  readonly lies: { readonly partition: number; readonly first: bigint; readonly last: bigint; readonly messages: number } | null;
  readonly kinds: readonly KindProof[];
}

/** Everything `verify` found out. Counts and offsets are bigint: they may pass 2^53. */
export interface Proof {
  readonly verdict: Verdict;
  /** The verdict in one line. */
  readonly sentence: string;
  /** The next command to type; null when there is nothing left to do. */
  readonly hint: string | null;
  /** When it was found out, ISO 8601. */
  readonly at: string;
  readonly mode: "legacy" | "hybrid-kafka";
  readonly topic: string | null;
  readonly group: string | null;
  readonly snapshots: readonly ProvenSnapshot[];
  /** What the group's ledger says per partition; empty without Kafka. */
  readonly partitions: readonly SettledOffsets[];
  readonly checks: readonly Check[];
}

export function verdictOf(checks: readonly Check[]): Verdict {
  if (checks.some(({ status }) => status === "failed")) return "wrong";
  return checks.some(({ status }) => status === "pending") ? "in-flight" : "proven";
}
