import type { Check } from "./check.ts";
import { nextStep } from "./hint.ts";
import { liveSentence, type LiveCounts } from "./live.ts";
import { lossesSentence, type Loss } from "./losses.ts";
import { settledText, type SettledOffsets } from "./offsets.ts";
import { foundText, type TableRows } from "./rows.ts";
import type { KindProof } from "./snapshot/contents.ts";
import { strangerSentence } from "./stranger.ts";

/** `in-flight`: nothing is wrong, and something is not there yet. */
export type Verdict = "proven" | "wrong" | "in-flight";

/** One snapshot whose contents were compared. */
export interface ProvenSnapshot {
  readonly snapshot: string;
  readonly cluster: string | null;
  /** What the database says became of it; null while it knows nothing of it. */
  readonly status: string | null;
  readonly reason: string | null;
  /** Where its messages lie, first and last included; null without Kafka. */
  readonly lies: Lies | null;
  readonly kinds: readonly KindProof[];
}

/** One that arrived and was not stored: it does not agree with its manifest, or was given up. */
export type RefusedSnapshot = Pick<ProvenSnapshot, "snapshot" | "cluster" | "status" | "reason">;

export function isRefused({ status }: { readonly status: string | null }): boolean {
  return status === "mismatched" || status === "superseded";
}

interface Lies {
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
  readonly messages: number;
}

/** What was looked at, before the verdict. */
export interface Findings {
  readonly mode: "legacy" | "hybrid-kafka";
  /** A stream of tables, of which the messages are counted; left out, snapshots of clusters are compared. */
  readonly stream?: string;
  readonly topic: string | null;
  readonly group: string | null;
  /** Other groups that have settled messages of the topic. */
  readonly otherGroups: readonly string[];
  /** The snapshots that were compared object by object; empty when no snapshot was ever collected. */
  readonly snapshots: readonly ProvenSnapshot[];
  /** Snapshots that the writer did not store, and why; whichever are compared. */
  readonly refused: readonly RefusedSnapshot[];
  /** What the group's ledger says per partition; empty without Kafka. */
  readonly partitions: readonly SettledOffsets[];
  /** What the group never read and somebody gave up. */
  readonly losses?: readonly Loss[];
  /** The tables of a stream of tables, and what is in them; left out where they were not looked at. */
  readonly rows?: readonly TableRows[];
  /** What became of the probes; left out where none were sent. */
  readonly live?: LiveCounts;
  readonly checks: readonly Check[];
}

/** Everything `verify` found out. Offsets and counts of messages are bigint: they may pass 2^53. */
export interface Proof extends Findings {
  readonly verdict: Verdict;
  /** The verdict in one line. */
  readonly sentence: string;
  /** The next command to type; null when there is nothing left to do. */
  readonly hint: string | null;
  /** When it was found out, ISO 8601. */
  readonly at: string;
}

export function conclude(findings: Findings, at: Date): Proof {
  const verdict = verdictOf(findings.checks);
  const { live } = findings;
  const words = live === undefined ? SENTENCES[verdict](findings) : liveWords(live, verdict, findings);
  return {
    verdict,
    sentence: `${WORDS[verdict]}: ${words}${lossesSentence(findings.losses ?? [])}`,
    hint: nextStep(verdict, findings),
    at: at.toISOString(),
    ...findings,
  };
}

/** Numbers first, and then what is wrong or waited for. */
function liveWords(live: LiveCounts, verdict: Verdict, { checks }: Findings): string {
  const sentence = liveSentence(live);
  if (verdict === "proven") return sentence;
  return `${sentence}: ${firstDetail(checks, verdict === "wrong" ? "failed" : "pending")}`;
}

function verdictOf(checks: readonly Check[]): Verdict {
  if (checks.some(({ status }) => status === "failed")) return "wrong";
  return checks.some(({ status }) => status === "pending") ? "in-flight" : "proven";
}

const WORDS: Readonly<Record<Verdict, string>> = {
  proven: "proven",
  wrong: "wrong",
  "in-flight": "in flight",
};

const SENTENCES: Readonly<Record<Verdict, (findings: Findings) => string>> = {
  proven: (findings) =>
    [
      findings.stream === undefined ? contentsSentence(findings) : `stream ${findings.stream}`,
      ...messagesSentence(findings),
      ...rowsSentence(findings),
      "0 lost, 0 double",
    ].join("; "),
  wrong: wrongSentence,
  "in-flight": waitingSentence,
};

function contentsSentence({ snapshots }: Findings): string {
  const applied = snapshots.filter(({ status }) => status === "applied");
  const [only] = snapshots;
  if (applied.length === 0 && only !== undefined) {
    return `snapshot ${only.snapshot} is ${only.status ?? "given up"}, and nothing of it is stored`;
  }
  const kinds = applied.flatMap((snapshot) => snapshot.kinds);
  const compared = kinds.filter(({ stored }) => stored !== null);
  const objects = compared.reduce((sum, { stored }) => sum + (stored ?? 0), 0);
  const per = Math.round(compared.length / Math.max(1, applied.length));
  const where = applied.length > 1 ? ` in ${applied.length} snapshots` : ` of ${counted(per, "kind")}`;
  const rest = kinds.length - compared.length;
  const missing = rest === 0 ? "" : ` (${counted(rest, "kind")} not listed completely)`;
  return `${counted(objects, "object")}${where} collected = stored${missing}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function messagesSentence({ partitions, mode }: Findings): readonly string[] {
  if (mode === "legacy") return [];
  const sum = (of: (one: SettledOffsets) => bigint): bigint =>
    partitions.reduce((all, one) => all + of(one), 0n);
  const messages = sum(({ first, next }) => (first === null || next === null ? 0n : next - first));
  const unchecked = sum((one) => one.unchecked);
  const settled = settledText({
    stored: sum((one) => one.stored),
    deadLettered: sum((one) => one.deadLettered),
    probes: sum((one) => one.probes),
  });
  const gaps = sum((one) => one.gaps ?? 0n);
  const lag = sum((one) => one.lag);
  return [
    unchecked > 0n
      ? `${settled} of ${messages} offsets, ${unchecked} of which retention has removed`
      : `${messages} messages = ${settled} + ${gaps} gaps`,
    ...(lag > 0n ? [`${lag} newer messages wait`] : []),
  ];
}

/** What could not be compared is no part of the proof, and is said. */
function rowsSentence({ rows = [] }: Findings): readonly string[] {
  const left = rows.filter(({ why }) => why !== null).map(({ table }) => table.join("."));
  return [
    ...(rows.length > left.length ? [`${foundText(rows)}, digests same`] : []),
    ...(left.length > 0 ? [`the rows of ${left.join(", ")} were not compared`] : []),
  ];
}

function wrongSentence({ checks, snapshots }: Findings): string {
  if (snapshots.length === 0) return firstDetail(checks, "failed");
  const failed = checks.filter(({ status }) => status === "failed").map(({ id }) => id);
  return `${failed.length} of ${checks.length} checks failed (${failed.join(", ")}): ${firstDetail(checks, "failed")}`;
}

function waitingSentence({ checks, partitions, topic, group, otherGroups }: Findings): string {
  const isStranger = otherGroups.length > 0 && partitions.every(({ first }) => first === null);
  if (isStranger) return strangerSentence({ topic: topic ?? "", group: group ?? "", others: otherGroups });
  const lag = partitions.reduce((sum, one) => sum + one.lag, 0n);
  return lag > 0n ? `${lag} messages are not consumed yet` : firstDetail(checks, "pending");
}

function firstDetail(checks: readonly Check[], status: Check["status"]): string {
  return checks.find((check) => check.status === status)?.detail.split("; ")[0] ?? "";
}
