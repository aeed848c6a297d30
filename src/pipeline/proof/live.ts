import type { ProbeWay } from "../probe.ts";
import { checkOf, failed, fine, pending, told, type Check, type Finding } from "./check.ts";
import type { Position } from "./offsets.ts";

/** A probe on its way out, and what became of it there. */
export interface SentProbe {
  readonly n: number;
  readonly way: ProbeWay;
  /** Milliseconds since 1970, by this machine's clock. */
  readonly sentAt: number;
  /** Where it came to lie; null where nobody said. */
  readonly place: { readonly partition: number; readonly offset: bigint } | null;
  /** `spool`: the gateway keeps it until Kafka is back. Null: nobody took it, and `fault` says why. */
  readonly mode: "kafka" | "spool" | null;
  readonly fault: string | null;
}

export interface StoredProbe {
  readonly n: number;
  readonly partition: number;
  readonly offset: bigint;
  /** By this machine's clock, too. */
  readonly storedAt: number;
}

export interface LiveEvidence {
  readonly run: string;
  readonly group: string;
  readonly timeoutMs: number;
  readonly sent: readonly SentProbe[];
  /** Read after `positions`: a probe that the group has passed is among them, or lost. */
  readonly stored: readonly StoredProbe[];
  readonly positions: readonly Position[];
  /** Consumers that have the group at the moment; null when Kafka does not say. */
  readonly members: number | null;
}

/** What `--live` came to, in numbers. */
export interface LiveCounts {
  readonly run: string;
  readonly sent: number;
  readonly byHttp: number;
  readonly byKafka: number;
  /** Stored, each once. */
  readonly stored: number;
  /** From being sent to being stored; null where nothing was. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly lost: number;
  readonly double: number;
  readonly missing: number;
}

export function countLive(evidence: LiveEvidence): LiveCounts {
  const { run, sent, stored } = evidence;
  const byNumber = grouped(stored, ({ n }) => n);
  const times = sent
    .flatMap(({ n, sentAt }) => (byNumber.get(n) ?? []).map(({ storedAt }) => Math.max(0, storedAt - sentAt)))
    .toSorted((left, right) => left - right);
  const doubles = doublesOf(stored).length;
  const missing = sent.filter(({ n }) => !byNumber.has(n));
  const lost = missing.filter((one) => isPassed(one, evidence)).length;
  return {
    run,
    sent: sent.length,
    byHttp: sent.filter(({ way }) => way === "http").length,
    byKafka: sent.filter(({ way }) => way === "kafka").length,
    stored: byNumber.size - doubles,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    lost,
    double: doubles,
    missing: missing.length - lost,
  };
}

export function judgeLive(evidence: LiveEvidence): Check {
  const counts = countLive(evidence);
  const stored = new Set(evidence.stored.map(({ n }) => n));
  const missing = evidence.sent.filter(({ n }) => !stored.has(n));
  return checkOf(
    {
      id: "live",
      title: "every probe came through, once",
      expected: `${counts.sent} probes`,
      found: `${counts.stored} stored once`,
    },
    [
      ...doublesOf(evidence.stored).map(doubleFinding),
      ...lostFindings(missing.filter((one) => isPassed(one, evidence))),
      ...waitingFindings(
        missing.filter((one) => !isPassed(one, evidence)),
        evidence,
      ),
      ...(counts.stored > 0 ? [fine(`${counts.stored} probes stored once each`)] : []),
      ...repeatedFindings(evidence.stored),
    ],
  );
}

/** The verdict's sentence, without its first word. */
export function liveSentence(counts: LiveCounts): string {
  const { sent, byHttp, byKafka, stored, p50Ms, p99Ms, lost, double, missing } = counts;
  const ways = byHttp === 0 ? "by Kafka" : `${byHttp} by HTTP, ${byKafka} by Kafka`;
  const times = p50Ms === null ? "" : `, p50 ${p50Ms} ms, p99 ${p99Ms ?? p50Ms} ms from sent to stored`;
  const rest = missing === 0 ? "" : `; ${missing} missing`;
  return `probes: ${sent} sent (${ways}), ${stored} stored once each${times}${rest}; ${lost} lost, ${double} double`;
}

function grouped<T, K>(all: readonly T[], keyOf: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

function percentile(sorted: readonly number[], part: number): number | null {
  const at = Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1);
  const value = sorted[at];
  return value === undefined ? null : Math.round(value);
}

/** The same record, stored more than once: what the fence is there against. */
function doublesOf(stored: readonly StoredProbe[]): readonly (readonly StoredProbe[])[] {
  const records = grouped(stored, ({ partition, offset }) => `${partition}/${offset}`);
  return [...records.values()].filter(({ length }) => length > 1);
}

function doubleFinding(records: readonly StoredProbe[]): Finding {
  const [first] = records;
  return failed(
    `probe ${first?.n}, partition ${first?.partition} offset ${first?.offset}, is stored ${records.length} times`,
    { expected: "once", found: `${records.length} times` },
    { step: "origin" },
  );
}

function isPassed({ place }: SentProbe, { positions }: LiveEvidence): boolean {
  if (place === null) return false;
  const position = positions.find(({ partition }) => partition === place.partition);
  return position !== undefined && position.first <= place.offset && place.offset < position.next;
}

function lostFindings(lost: readonly SentProbe[]): readonly Finding[] {
  return lost.map(({ n, place }) =>
    failed(
      `probe ${n}: the group has passed partition ${place?.partition} offset ${place?.offset}, and it is not stored`,
      { expected: "stored", found: "not stored" },
      { step: "origin" },
    ),
  );
}

function waitingFindings(waiting: readonly SentProbe[], evidence: LiveEvidence): readonly Finding[] {
  if (waiting.length === 0) return [];
  const { group, members } = evidence;
  const inSpool = waiting.filter(({ mode, place }) => mode === "spool" && place === null);
  const refused = waiting.filter(({ mode }) => mode === null);
  const inTopic = grouped(
    waiting.filter(({ place }) => place !== null),
    ({ place }) => place?.partition ?? 0,
  );
  return [
    ...(members === 0 ? [pending(`no consumer has group ${group} at the moment`)] : []),
    ...[...inTopic].map(([partition, probes]) => pending(lagText(partition, probes, evidence))),
    ...(inSpool.length > 0 ? [pending(`${inSpool.length} wait in the spool of the gateway for Kafka`)] : []),
    ...(refused.length > 0
      ? [pending(`${refused.length} were not taken: ${refused[0]?.fault ?? "no answer came"}`)]
      : []),
  ];
}

function lagText(
  partition: number,
  probes: readonly SentProbe[],
  { positions, group }: LiveEvidence,
): string {
  const offsets = probes.map(({ place }) => place?.offset ?? 0n);
  const first = offsets.reduce((least, one) => (one < least ? one : least));
  const position = positions.find((one) => one.partition === partition);
  const where =
    position === undefined
      ? `group ${group} never came to it`
      : `group ${group} is at ${position.next}, ${first - position.next} before`;
  return `partition ${partition}: ${probes.length} wait from offset ${first} on, ${where}`;
}

/** An answer that was lost makes it be sent again: an event is known by its identity then, and a probe has none. */
function repeatedFindings(stored: readonly StoredProbe[]): readonly Finding[] {
  const places = grouped(stored, ({ n }) => n);
  const repeated = [...places.values()].filter(
    (probes) => new Set(probes.map(({ partition, offset }) => `${partition}/${offset}`)).size > 1,
  );
  if (repeated.length === 0) return [];
  return [told(`${repeated.length} came into the topic more than once, because an answer was lost`)];
}
