import { aside, checkOf, failed, fine, pending, told, type Check, type Finding } from "../check.ts";
import { forgetSnapshot } from "../statements.ts";
import type { Scope } from "./scope.ts";

/** What the database holds of one snapshot. */
export interface StoredSnapshot {
  readonly snapshot: string;
  /** Null when the database never heard of it. */
  readonly status: string | null;
  readonly reason: string | null;
  /** Rows in `cluster_snapshots`; one when all is well. */
  readonly rows: number;
  /** Of that row; null when there is none. */
  readonly row: StoredRow | null;
  /** Parts that wait in staging. */
  readonly staged: number;
}

export interface StoredRow {
  readonly id: bigint;
  readonly cluster: string;
  /** Its number in its cluster, an exact decimal. */
  readonly seq: string;
  readonly transport: string;
  /** When it was written, by PostgreSQL's clock, in milliseconds since 1970. */
  readonly writtenAt: number;
  readonly objects: number;
}

/** How far the writer has come with one snapshot, and what may be expected of the database then. */
export interface StoredFact {
  readonly stored: StoredSnapshot;
  readonly seal: "sealed" | "unsealed";
  /**
   * `whole`: the writer has seen every message. `cut`: it has passed them, but cannot have seen or kept all; `why`
   * tells. `waiting`: some are still to come.
   */
  readonly reach: "whole" | "cut" | "waiting";
  readonly why: string | null;
  readonly scope: Scope;
}

export const STORED_HEAD = {
  id: "stored",
  title: "every sealed snapshot is in cluster_snapshots, once",
} as const;

/** Whether the database has what became of each snapshot, once. */
export function judgeStored(facts: readonly StoredFact[]): Check {
  const due = facts.filter(
    ({ seal, reach, stored }) => seal === "sealed" && reach !== "waiting" && stored.status === "applied",
  );
  return checkOf(
    {
      ...STORED_HEAD,
      expected: `${due.length} rows`,
      found: `${facts.reduce((sum, { stored }) => sum + stored.rows, 0)} rows`,
    },
    [...facts.flatMap(judgeFact), ...(due.length === 0 ? [] : [fine(`${due.length} snapshots applied`)])],
  );
}

function judgeFact(fact: StoredFact): readonly Finding[] {
  return fact.scope === "aside" ? judgeOne(fact).map(aside) : judgeOne(fact);
}

function judgeOne(fact: StoredFact): readonly Finding[] {
  const { stored, seal } = fact;
  const name = `snapshot ${stored.snapshot}`;
  const fault = rowFault(name, stored);
  if (fault !== null) return [fault];
  if (seal === "unsealed") return judgeUnsealed(name, fact);
  if (stored.status === "applied") return [];
  return fact.reach === "waiting" ? [wait(name, fact)] : judgeSettled(name, fact);
}

/** What is wrong between a snapshot's status and its rows, wherever the writer stands. */
function rowFault(name: string, { snapshot, status, rows }: StoredSnapshot): Finding | null {
  const found = `${rows} rows`;
  if (rows > 0 && status !== "applied") {
    const text = `${name} is in cluster_snapshots although it is ${status ?? "unknown"}`;
    return failed(text, { expected: "0 rows", found }, { step: "refill" });
  }
  if (rows === 0 && status === "applied") {
    const text = `${name} was applied, but cluster_snapshots has no row of it`;
    const remedy = { step: "replay", statement: forgetSnapshot(snapshot) } as const;
    return failed(text, { expected: "1 row", found }, remedy);
  }
  if (rows <= 1) return null;
  return failed(
    `${name} is in cluster_snapshots ${rows} times`,
    { expected: "1 row", found },
    { step: "refill" },
  );
}

function wait(name: string, { scope }: StoredFact): Finding {
  return scope === "asked" ? pending(`${name} is not consumed yet`) : told(`${name} waits to be consumed`);
}

/** Its seal may lie outside of what was read of the topic: after it by now, or before it, removed by retention. */
function judgeUnsealed(name: string, { stored, reach, scope }: StoredFact): readonly Finding[] {
  if (stored.rows === 0) return scope === "asked" ? [tellUnsealed(name, stored)] : [];
  if (reach !== "whole") return [told(`${name} is stored; its seal was not among what was read`)];
  const text = `${name} is in cluster_snapshots although it was never sealed`;
  return [failed(text, { expected: "0 rows", found: `${stored.rows} rows` }, { step: "refill" })];
}

function tellUnsealed(name: string, { status, reason }: StoredSnapshot): Finding {
  const isOpen = status === null || status === "open";
  return isOpen
    ? pending(`${name} is not sealed yet`)
    : told(`${name} is ${status}: ${reason ?? "no reason given"}`);
}

function judgeSettled(name: string, { stored, reach, why, scope }: StoredFact): readonly Finding[] {
  const reason = stored.reason ?? "no reason given";
  switch (stored.status) {
    case "aborted":
      return [told(`${name} is aborted: ${reason}`)];
    case "mismatched": {
      const text = `${name} was refused as a whole: ${reason}`;
      if (reach === "cut" || scope === "outlived") return [told(text)];
      return [failed(text, { expected: "applied", found: "refused" }, { step: "collect" })];
    }
    case null:
    default:
      if (reach === "cut") return [told(`${name} is not applied: ${why ?? ""}`)];
      return [lostIn(name, stored, why)];
  }
}

/** Its messages lie in the topic: reading them again brings it, unless one of them is refused every time. */
function lostIn(name: string, stored: StoredSnapshot, why: string | null): Finding {
  return failed(
    openSentence(name, stored, why),
    { expected: "applied", found: stored.status ?? "unknown" },
    { step: why === null ? "replay" : "collect" },
  );
}

function openSentence(name: string, { status, reason, staged }: StoredSnapshot, why: string | null): string {
  const because = why === null ? "" : ` (${why})`;
  if (status === null) return `${name} was consumed, but the database never heard of it${because}`;
  if (status === "superseded")
    return `${name} has its seal, but was given up: ${reason ?? "no reason given"}${because}`;
  return `${name} has its seal, but is still open with ${staged} parts staged${because}`;
}
