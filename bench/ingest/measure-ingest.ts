import { inject } from "vitest";
import { kafkaEnvironment, temporaryFolder } from "../../test/support/cli.ts";
import { createTopic } from "../../test/support/produce.ts";
import { testTopicName } from "../../test/support/servers.ts";
import { startGateway, tokenFor } from "../contestants/gateway.ts";
import { cpuSecondsOf, peakMegabytesOf } from "../measure/processes.ts";
import { reconcileTopic, type TopicReconciliation } from "./reconcile-topic.ts";
import { send, type Sent, type Way } from "./send.ts";

export interface IngestOptions {
  /** Events of a request. */
  readonly batch: number;
  readonly seconds: number;
}

export interface IngestFigures extends TopicReconciliation {
  readonly name: string;
  /** As many as go. */
  readonly most: Sent;
  /** At half of that rate. */
  readonly half: Sent;
  /** CPU microseconds of the gateway for an event, and its largest resident set; null without one. */
  readonly cpuMicroseconds: number | null;
  readonly peakMegabytes: number | null;
}

/** Each may make 1,000 requests a second. */
const USERS = 32;
const PARTITIONS = 3;
/** Up to some thousand events are on their way at a time. */
const CONNECTIONS: Readonly<Record<number, number>> = { 1: 64, 100: 16, 1000: 4 };
const WARM_UP_PART = 0.3;

export async function measureGateway(options: IngestOptions): Promise<IngestFigures> {
  await using folder = await temporaryFolder();
  const topic = testTopicName("ingest");
  await using gateway = await startGateway({
    ...kafkaEnvironment(inject("brokers"), topic),
    CLUSTERFLOW_SPOOL_DIR: `${folder.path}/spool`,
  });
  const users = Array.from({ length: USERS }, (_, user) => tokenFor(`user-${user}`, "WRITE"));
  const way: Way = { way: "gateway", url: gateway.url, tokens: await Promise.all(users) };
  const loads = await sendAll(way, options, () => cpuSecondsOf(gateway.pid)!);
  const peakMegabytes = peakMegabytesOf(gateway.pid);
  return {
    ...figuresOf("clusterflow ingest", options, loads),
    peakMegabytes,
    ...(await judged(topic, loads)),
  };
}

/** The same messages by kafkajs, in the same batches. */
export async function measureProducer(options: IngestOptions): Promise<IngestFigures> {
  const brokers = inject("brokers");
  const topic = testTopicName("produced");
  await createTopic(brokers, topic, PARTITIONS);
  const loads = await sendAll({ way: "kafka", brokers, topic }, options, () => 0);
  const figures = figuresOf("kafkajs alone", options, loads);
  return { ...figures, cpuMicroseconds: null, peakMegabytes: null, ...(await judged(topic, loads)) };
}

interface Loads {
  readonly warmUp: Sent;
  readonly most: Sent;
  readonly half: Sent;
  readonly cpuSeconds: number;
}

async function sendAll(
  way: Way,
  { batch, seconds }: IngestOptions,
  cpuSeconds: () => number,
): Promise<Loads> {
  const load = { run: "bench", batch, connections: CONNECTIONS[batch] ?? 4 };
  const warmUp = await send(way, { ...load, from: 0, seconds: WARM_UP_PART * seconds, perSecond: null });
  const before = cpuSeconds();
  const most = await send(way, { ...load, from: warmUp.to, seconds, perSecond: null });
  const used = cpuSeconds() - before;
  const half = await send(way, { ...load, from: most.to, seconds, perSecond: most.rate / 2 });
  return { warmUp, most, half, cpuSeconds: used };
}

function figuresOf(
  name: string,
  { batch }: IngestOptions,
  { warmUp, most, half, cpuSeconds }: Loads,
): Pick<IngestFigures, "name" | "most" | "half" | "cpuMicroseconds"> {
  return {
    name: `${name}, ${batch === 1 ? "single events" : `batches of ${batch}`}`,
    ...{ most, half },
    cpuMicroseconds: (cpuSeconds / (most.to - warmUp.to)) * 1e6,
  };
}

function judged(topic: string, { warmUp, most, half }: Loads): Promise<TopicReconciliation> {
  const notAcknowledged = new Set([warmUp, most, half].flatMap((sent) => sent.failed));
  return reconcileTopic(topic, { events: half.to, notAcknowledged });
}
