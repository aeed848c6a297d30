import type { ConsumerSettings } from "../../config/consumer.ts";
import type { Check } from "../../pipeline/proof/check.ts";
import { judgeDoubles } from "../../pipeline/proof/double.ts";
import type { Loss } from "../../pipeline/proof/losses.ts";
import { judgeOffsets, settledOffsets } from "../../pipeline/proof/offsets.ts";
import {
  isRefused,
  type Findings,
  type ProvenSnapshot,
  type RefusedSnapshot,
} from "../../pipeline/proof/proof.ts";
import { choose, type Candidate, type Selection } from "../../pipeline/proof/snapshot/choose.ts";
import {
  judgeCounts,
  judgeDigests,
  kindProofs,
  type ContentsEvidence,
} from "../../pipeline/proof/snapshot/contents.ts";
import { storedFact, type Marks, type ReachedTrace } from "../../pipeline/proof/snapshot/reach.ts";
import { scopesOf, type ScopeOf } from "../../pipeline/proof/snapshot/scope.ts";
import { judgeStored, type StoredFact } from "../../pipeline/proof/snapshot/stored.ts";
import { isSealed, judgeTopic } from "../../pipeline/proof/snapshot/topic.ts";
import type { SnapshotTrace } from "../../pipeline/proof/snapshot/trace.ts";
import { judgeUntouched, type SealedEvidence } from "../../pipeline/proof/snapshot/untouched.ts";
import type { Reader } from "../../pipeline/proof/stranger.ts";
import type { Connection } from "../../postgres/connection.ts";
import { readDoubledDeadLetters, readDoubledSnapshots } from "../../postgres/proof/doubles.ts";
import { hasSchema } from "../../postgres/proof/has-schema.ts";
import { readLosses } from "../../postgres/proof/losses.ts";
import { readOtherGroups, readPositions } from "../../postgres/proof/positions.ts";
import { readReached } from "../../postgres/proof/stored-snapshots.ts";
import { clusterInfo } from "../../streams/cluster-info/stream.ts";
import type { FlowRun } from "../run.ts";
import { measureContents } from "./contents.ts";
import { scanTopic, type Scan } from "./scan.ts";

/** Everything that is known of the topic's snapshots, before it is judged. */
interface Evidence {
  readonly scan: Scan;
  readonly marks: Marks;
  readonly reached: readonly ReachedTrace[];
  readonly chosen: ReadonlySet<string>;
  readonly scopeOf: ScopeOf;
  readonly otherGroups: readonly string[];
  readonly losses: readonly Loss[];
  readonly facts: readonly StoredFact[];
  readonly contents: readonly ContentsEvidence[];
  /** Null when the database has no table of ours. */
  readonly connection: Connection | null;
}

/** Holds the topic, the group's ledger and the tables against each other, once. Changes nothing anywhere. */
export async function verifyThroughKafka(
  settings: ConsumerSettings,
  selection: Selection,
  database: Connection,
  run: Pick<FlowRun, "tell" | "signal">,
): Promise<Findings> {
  const evidence = await gather(settings, selection, database, run);
  const { topic } = settings.kafka;
  return {
    mode: "hybrid-kafka",
    topic,
    group: settings.group,
    otherGroups: evidence.otherGroups,
    snapshots: evidence.reached
      .filter(({ trace }) => evidence.chosen.has(trace.snapshot))
      .map((one) => provenOf(one, evidence)),
    refused: evidence.reached.filter(({ stored }) => isRefused(stored)).map(refusedOf),
    partitions: evidence.scan.partitions.map(settledOffsets),
    losses: evidence.losses,
    checks: await judgeAll(evidence, {
      topic,
      group: settings.group,
      others: evidence.otherGroups,
      losses: evidence.losses,
    }),
  };
}

async function gather(
  settings: ConsumerSettings,
  selection: Selection,
  database: Connection,
  { tell, signal }: Pick<FlowRun, "tell" | "signal">,
): Promise<Evidence> {
  const place = { group: settings.group, topic: settings.kafka.topic };
  const connection = (await hasSchema(database)) ? database : null;
  const positions = connection === null ? [] : await readPositions(connection, place.group, place.topic);
  const scan = await scanTopic({ settings, stream: clusterInfo, connection, positions, tell, signal });
  const marks = marksOf(scan);
  const reached = await reachedTraces(connection, place, scan.trace.snapshots);
  const candidates = candidatesOf(reached);
  const chosen = new Set(choose(selection, candidates));
  const scopeOf = scopesOf(selection, candidates);
  const facts = reached.map((one) => storedFact(one, marks, scopeOf(one.trace.snapshot)));
  const contents = await measureChosen(connection, reached, facts, chosen, signal);
  const otherGroups = connection === null ? [] : await readOtherGroups(connection, place.group, place.topic);
  const losses = connection === null ? [] : await readLosses(connection, place.group, place.topic);
  return { scan, marks, reached, chosen, scopeOf, otherGroups, losses, facts, contents, connection };
}

function marksOf({ partitions }: Scan): Marks {
  return {
    lows: new Map(partitions.map(({ partition, low }) => [partition, low])),
    highs: new Map(partitions.map(({ partition, high }) => [partition, high])),
  };
}

async function reachedTraces(
  connection: Connection | null,
  place: { readonly group: string; readonly topic: string },
  traces: readonly SnapshotTrace[],
): Promise<readonly ReachedTrace[]> {
  const asked = traces.map(({ snapshot, partition }) => ({ snapshot, partition }));
  const found = connection === null ? [] : await readReached(connection, place, asked);
  const bySnapshot = new Map(found.map((one) => [one.stored.snapshot, one]));
  return traces.map((trace) => ({
    trace,
    ...(bySnapshot.get(trace.snapshot) ?? nothingKnown(trace.snapshot)),
  }));
}

function nothingKnown(snapshot: string): Omit<ReachedTrace, "trace"> {
  return {
    stored: { snapshot, status: null, reason: null, rows: 0, row: null, staged: 0 },
    reach: { next: null, first: null, epoch: 0n, others: null },
  };
}

/** Sealed ones; only when there is none, those that are on their way. */
function candidatesOf(reached: readonly ReachedTrace[]): readonly Candidate[] {
  const sealed = reached.flatMap(({ trace, stored }): Candidate[] => {
    if (!isSealed(trace)) return [];
    const { timestamp, manifest } = trace.seal;
    const at = timestamp >= 0 ? timestamp : Date.parse(manifest.startedAt);
    return [{ snapshot: trace.snapshot, cluster: manifest.cluster, at, status: stored.status }];
  });
  if (sealed.length > 0) return sealed;
  const open = reached.filter(({ trace }) => trace.aborted === null);
  return open.map(({ trace, stored }, at) => ({
    snapshot: trace.snapshot,
    cluster: null,
    at,
    status: stored.status,
  }));
}

async function measureChosen(
  connection: Connection | null,
  reached: readonly ReachedTrace[],
  facts: readonly StoredFact[],
  chosen: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly ContentsEvidence[]> {
  const measured: ContentsEvidence[] = [];
  for (const [index, { trace }] of reached.entries()) {
    const fact = facts[index];
    if (fact === undefined || trace.seal === null || !chosen.has(trace.snapshot)) continue;
    measured.push(await measureContents(connection, trace.seal.manifest, fact, signal));
  }
  return measured;
}

async function judgeAll(evidence: Evidence, reader: Reader): Promise<readonly Check[]> {
  const { scan, marks, reached, chosen, scopeOf, facts, contents, connection } = evidence;
  const { snapshots: traces, refused, firstRefused } = scan.trace;
  const sealed = reached.filter(
    (one): one is SealedEvidence & ReachedTrace =>
      isSealed(one.trace) && scopeOf(one.trace.snapshot) !== "aside",
  );
  const doubles =
    connection === null
      ? []
      : [...(await readDoubledSnapshots(connection)), ...(await readDoubledDeadLetters(connection))];
  return [
    judgeTopic({ topic: reader.topic, lows: marks.lows, traces, refused, firstRefused }, chosen, scopeOf),
    judgeUntouched(sealed),
    judgeStored(facts),
    judgeCounts(contents),
    judgeDigests(contents),
    judgeDoubles(doubles),
    judgeOffsets(scan.partitions, neededOffsets(evidence), reader),
  ];
}

/**
 * Per partition, the last offset of the chosen snapshots. Of one that is stored only what lies before its seal: another
 * group may have stored it, but this one has to have come to it; messages that come again after it are no matter.
 */
function neededOffsets({ reached, chosen }: Evidence): ReadonlyMap<number, bigint> {
  const needed = new Map<number, bigint>();
  for (const { trace, stored } of reached) {
    if (!chosen.has(trace.snapshot)) continue;
    const last = stored.status === "applied" && trace.seal !== null ? trace.seal.offset : trace.last;
    const before = needed.get(trace.partition) ?? -1n;
    needed.set(trace.partition, last > before ? last : before);
  }
  return needed;
}

function refusedOf({ trace, stored: { snapshot, status, reason } }: ReachedTrace): RefusedSnapshot {
  return { snapshot, cluster: trace.seal?.manifest.cluster ?? null, status, reason };
}

function provenOf({ trace, stored }: ReachedTrace, { contents }: Evidence): ProvenSnapshot {
  const { snapshot, partition, first, last, messages, seal } = trace;
  const evidence = contents.find(({ manifest }) => manifest.snapshot === snapshot);
  return {
    snapshot,
    cluster: seal?.manifest.cluster ?? null,
    status: stored.status,
    reason: stored.reason,
    lies: { partition, first, last, messages },
    kinds: evidence === undefined ? [] : kindProofs(evidence),
  };
}
