import { aside, checkOf, failed, fine, pending, told, type Check, type Finding } from "../check.ts";
import type { ScopeOf } from "./scope.ts";
import type { RefusedRecord, Seal, SnapshotTrace } from "./trace.ts";

export interface TopicEvidence {
  readonly topic: string;
  /** Earliest offset that the topic still has, by partition. */
  readonly lows: ReadonlyMap<number, bigint>;
  readonly traces: readonly SnapshotTrace[];
  readonly refused: number;
  readonly firstRefused: RefusedRecord | null;
}

export type SealedTrace = SnapshotTrace & { readonly seal: Seal };

export function isSealed(trace: SnapshotTrace): trace is SealedTrace {
  return trace.seal !== null;
}

/**
 * How much of a sealed snapshot the topic still has. `headless`: retention has begun to remove it, so that exactly its
 * first parts are gone from the beginning of the partition. `torn`: it lacks parts for which there is no such reason.
 */
export type Wholeness = "whole" | "headless" | "torn";

export function wholenessOf(
  { parts, seal, partition }: SealedTrace,
  lows: ReadonlyMap<number, bigint>,
): Wholeness {
  const [missing] = parts.missing(seal.manifest.parts, 1);
  if (missing === undefined) return "whole";
  const hasLow = (lows.get(partition) ?? 0n) > 0n;
  return hasLow && parts.missingHead(seal.manifest.parts) !== null ? "headless" : "torn";
}

/** Whether every snapshot that has its seal in the topic lies there whole. `chosen` are those the person asks about. */
export function judgeTopic(evidence: TopicEvidence, chosen: ReadonlySet<string>, scopeOf: ScopeOf): Check {
  const sealed = evidence.traces.filter(isSealed);
  const whole = sealed.filter((trace) => wholenessOf(trace, evidence.lows) === "whole");
  return checkOf(
    {
      id: "topic",
      title: "every sealed snapshot lies in the topic whole, in one partition",
      expected: `${sealed.length} sealed`,
      found: `${whole.length} whole`,
    },
    [
      ...judgePresence(evidence),
      ...sealed.flatMap((trace) => judgeWithin(scopeOf, trace, evidence)),
      ...[...chosen].flatMap((snapshot) => judgeChosen(snapshot, evidence)),
      ...tellUnsealed(evidence.traces.filter((trace) => !isSealed(trace) && !chosen.has(trace.snapshot))),
      ...tellRefused(evidence),
    ],
  );
}

/** A topic in which no snapshot is sealed or on its way has nothing that could be proven. */
function judgePresence({ topic, traces, lows, refused }: TopicEvidence): readonly Finding[] {
  if (traces.some((trace) => isSealed(trace) || trace.aborted === null)) return [];
  const reason = traces.at(-1)?.aborted ?? null;
  const none = `no snapshot was ever collected into topic "${topic}"`;
  if (reason !== null)
    return [noSnapshot(`${none}; the last one was given up: ${reason}`, "a snapshot that was given up")];
  if (isTrimmed(lows)) {
    const removed = `topic "${topic}" holds no snapshot any more, retention has removed them: there is nothing to prove`;
    return [pending(removed, { step: "legacy" })];
  }
  if (refused > 0) return [noSnapshot(none, `${refused} refused records`)];
  return [pending(`${none}: there is nothing to prove yet`, { step: "collect" })];
}

function noSnapshot(text: string, found: string): Finding {
  return failed(text, { expected: "a sealed snapshot", found }, { step: "collect" });
}

function isTrimmed(lows: ReadonlyMap<number, bigint>): boolean {
  return [...lows.values()].some((low) => low > 0n);
}

/** What is torn and was overtaken by a later snapshot, or is not asked about, is no fault of what is there now. */
function judgeWithin(scopeOf: ScopeOf, trace: SealedTrace, evidence: TopicEvidence): readonly Finding[] {
  const scope = scopeOf(trace.snapshot);
  const findings = judgeSealed(trace, evidence);
  return scope === "outlived" || scope === "aside" ? findings.map(aside) : findings;
}

function judgeSealed(trace: SealedTrace, { lows }: TopicEvidence): readonly Finding[] {
  const { snapshot, seal, parts, strays, repeated, partition } = trace;
  const astray = failed(
    `snapshot ${snapshot} lies in partitions ${[partition, ...strays].join(" and ")}`,
    { expected: "1 partition", found: `${strays.size + 1} partitions` },
    { step: "collect" },
  );
  const again = told(`${repeated} messages of snapshot ${snapshot} came twice; they are stored once`);
  const split = [...(strays.size > 0 ? [astray] : []), ...(repeated > 0 ? [again] : [])];
  switch (wholenessOf(trace, lows)) {
    case "whole":
      return [fine(`snapshot ${snapshot} ${placeOf(trace)}`), ...split];
    case "headless":
      return [
        told(
          `retention has removed the first ${parts.missingHead(seal.manifest.parts) ?? 0} parts of snapshot ${snapshot}`,
        ),
        ...split,
      ];
    case "torn":
      return [torn(trace), ...split];
  }
}

function torn(trace: SealedTrace): Finding {
  const { parts, seal } = trace;
  const sides = { expected: `${seal.manifest.parts} parts`, found: `${parts.size} parts` };
  return failed(tornSentence(trace), sides, { step: "collect" });
}

function placeOf({ partition, first, last, messages }: SnapshotTrace): string {
  return `is in partition ${partition}, offsets ${first}..${last}, ${messages} messages`;
}

function tornSentence({ snapshot, seal, parts, refusedAt, partition }: SealedTrace): string {
  const missing = parts.missing(seal.manifest.parts, 3).join(", ");
  const count = `has ${parts.size} of ${seal.manifest.parts} parts; missing: ${missing}`;
  const refusal =
    refusedAt === null ? "" : `; its message at partition ${partition}, offset ${refusedAt} is refused`;
  return `snapshot ${snapshot} ${count}${parts.size + 3 < seal.manifest.parts ? ", ..." : ""}${refusal}`;
}

/** Somebody asks about it by name, or it is the last thing there is: then it has to be there. */
function judgeChosen(snapshot: string, { traces, topic, lows }: TopicEvidence): readonly Finding[] {
  const trace = traces.find((one) => one.snapshot === snapshot);
  if (trace === undefined) {
    const removed = isTrimmed(lows) ? ", or not any more: retention has removed its older messages" : "";
    const text = `snapshot ${snapshot} is not in topic ${topic}${removed}`;
    return [failed(text, { expected: "that snapshot", found: "others or none" }, { step: "list" })];
  }
  if (isSealed(trace)) return [];
  if (trace.aborted !== null) return [told(`snapshot ${snapshot} was given up: ${trace.aborted}`)];
  return [pending(`snapshot ${snapshot} ${placeOf(trace)}, and its seal is not there yet`)];
}

function tellUnsealed(traces: readonly SnapshotTrace[]): readonly Finding[] {
  return traces.map(({ snapshot, aborted, messages }) => {
    const why = aborted === null ? "is not sealed" : `was given up (${aborted})`;
    return told(`snapshot ${snapshot} ${why}: ${messages} messages that are never applied`);
  });
}

function tellRefused({ refused, firstRefused }: TopicEvidence): readonly Finding[] {
  if (firstRefused === null) return [];
  const { partition, offset, reason } = firstRefused;
  return [
    told(`${refused} records are refused; the first at partition ${partition}, offset ${offset}: ${reason}`),
  ];
}
