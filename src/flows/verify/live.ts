import { randomUUID } from "node:crypto";
import type { ConsumerSettings } from "../../config/consumer.ts";
import { ClusterflowError } from "../../core/errors.ts";
import { sleep } from "../../core/signal.ts";
import { openEventProducer } from "../../kafka/event-producer.ts";
import { countMembers } from "../../kafka/group-look.ts";
import { countLive, judgeLive, type LiveEvidence, type SentProbe } from "../../pipeline/proof/live.ts";
import type { Findings } from "../../pipeline/proof/proof.ts";
import { probeMessage } from "../../pipeline/probe.ts";
import type { Connection } from "../../postgres/connection.ts";
import { readPositions } from "../../postgres/proof/positions.ts";
import {
  clockLead,
  countProbes,
  forgetOldProbes,
  hasProbes,
  readProbes,
} from "../../postgres/proof/probes.ts";
import type { Stream } from "../../streams/define.ts";
import type { FlowRun } from "../run.ts";
import { postProbe, type ProbedGateway } from "./probed-gateway.ts";
import { withMarks } from "./scan.ts";

export interface LiveOptions {
  /** For each way. */
  readonly probes: number;
  /** How long a probe may take until somebody takes it, and how long all may take until they are stored. */
  readonly timeoutMs: number;
  /** Left out, probes go to Kafka only. */
  readonly gateway?: ProbedGateway;
}

const LOOK_MS = 100;
const AGAIN_MS = 500;

/**
 * Sends marked records the way that real ones go, and looks whether each is stored once: produced with acks=all,
 * fetched by whoever consumes, kept by the statement that moves the offset. They are no rows of the stream.
 */
export async function verifyLive(
  settings: ConsumerSettings,
  stream: Stream,
  options: LiveOptions,
  connection: Connection,
  run: Pick<FlowRun, "tell" | "signal">,
): Promise<Findings> {
  const { topic } = settings.kafka;
  await prepare(settings, stream, connection, run);
  const id = randomUUID();
  const many = options.gateway === undefined ? 1 : 2;
  run.tell({ kind: "notice", text: `run ${id}: ${options.probes * many} probes to topic ${topic}` });
  const sent = await Promise.all([
    sendByKafka(id, settings, stream, options, run),
    options.gateway === undefined ? [] : sendByHttp(id, options.gateway, options, run),
  ]);
  const evidence = await waitFor(id, sent.flat(), { settings, options, connection, run });
  return {
    mode: "hybrid-kafka",
    stream: stream.name,
    topic,
    group: settings.group,
    otherGroups: [],
    snapshots: [],
    refused: [],
    partitions: [],
    live: countLive(evidence),
    checks: [judgeLive(evidence)],
  };
}

async function prepare(
  settings: ConsumerSettings,
  stream: Stream,
  connection: Connection,
  { signal }: Pick<FlowRun, "signal">,
): Promise<void> {
  // throws when there is no such topic: a mistyped one must not be made by a proof
  await withMarks({ settings, stream, positions: [], signal }, () => Promise.resolve());
  if (!(await hasProbes(connection)))
    throw new ClusterflowError("the database has no table for probes: no consumer of this version was here", {
      code: "usage",
      hint: "clusterflow migrate",
    });
  await forgetOldProbes(connection);
}

/** One after the other, so that each has a time of its own. */
async function sendByKafka(
  run: string,
  { kafka: settings }: ConsumerSettings,
  stream: Stream,
  { probes, timeoutMs }: LiveOptions,
  { tell, signal }: Pick<FlowRun, "tell" | "signal">,
): Promise<readonly SentProbe[]> {
  await using producer = openEventProducer({
    settings,
    topic: { ...stream.topic, name: settings.topic },
    tell,
  });
  const sent: SentProbe[] = [];
  for (let n = 1; n <= probes; n += 1) {
    signal.throwIfAborted();
    const sentAt = Date.now();
    for (;;) {
      const { places, error } = await producer.send([probeMessage({ run, n, way: "kafka" })]);
      const [place] = places;
      if (place !== undefined) {
        sent.push({ n, way: "kafka", sentAt, place, mode: "kafka", fault: null });
        break;
      }
      if (error !== null && (!error.retryable || Date.now() - sentAt > timeoutMs)) throw error;
      await sleep(AGAIN_MS, signal);
    }
  }
  return sent;
}

async function sendByHttp(
  run: string,
  gateway: ProbedGateway,
  { probes, timeoutMs }: LiveOptions,
  { signal }: Pick<FlowRun, "signal">,
): Promise<readonly SentProbe[]> {
  const sent: SentProbe[] = [];
  for (let n = probes + 1; n <= 2 * probes; n += 1) {
    signal.throwIfAborted();
    const sentAt = Date.now();
    // what one probe found out about the gateway holds for those behind it
    const isAway = sent.at(-1)?.mode === null;
    for (;;) {
      const answer = await postProbe(gateway, `${run}/${n}`);
      const isLate = isAway || Date.now() - sentAt > timeoutMs;
      if (answer.mode !== null || isLate) {
        sent.push({ n, way: "http", sentAt, ...answer });
        break;
      }
      await sleep(AGAIN_MS, signal);
    }
  }
  return sent;
}

interface Waiting {
  readonly settings: ConsumerSettings;
  readonly options: LiveOptions;
  readonly connection: Connection;
  readonly run: Pick<FlowRun, "tell" | "signal">;
}

async function waitFor(
  run: string,
  sent: readonly SentProbe[],
  { settings, options: { timeoutMs }, connection, run: { signal } }: Waiting,
): Promise<LiveEvidence> {
  const { group, kafka } = settings;
  const wanted = sent.filter(({ mode }) => mode !== null).length;
  const until = Date.now() + timeoutMs;
  while ((await countProbes(connection, run, group)) < wanted && Date.now() < until) {
    await sleep(LOOK_MS, signal);
    signal.throwIfAborted();
  }
  const positions = await readPositions(connection, group, kafka.topic);
  const kept = await readProbes(connection, run, group);
  const lead = await clockLead(connection);
  const stored = kept.map((one) => ({ ...one, storedAt: one.storedAt - lead }));
  const members = stored.length < sent.length ? await countMembers(kafka, group) : null;
  return { run, group, timeoutMs, sent, stored, positions, members };
}
