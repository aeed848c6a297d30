import { setTimeout as delay } from "node:timers/promises";
import kafkajs from "kafkajs";
import { SnapshotComposer } from "../../src/streams/cluster-info/compose.ts";
import { KINDS } from "../../src/streams/cluster-info/kinds.ts";
import type { OutgoingMessage } from "../../src/streams/define.ts";
import { pod } from "./snapshot-rows.ts";

/** Brokers hear of a new topic a moment after its maker, on a busy machine a long one. */
const SPREAD_MS = 30_000;

/** A client of kafkajs as it comes, to speak to the broker without our own room. */
export function plainKafka(brokers: readonly string[]): kafkajs.Kafka {
  return new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
}

/** A new topic's partitions may refuse the first try one by one, and what the others took must not come again. */
export function exactProducer(brokers: readonly string[]): kafkajs.Producer {
  return plainKafka(brokers).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
}

export async function createTopic(
  brokers: readonly string[],
  topic: string,
  partitions: number,
  config: Record<string, string> = {},
): Promise<void> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await createTopicBy(admin, { topic, numPartitions: partitions, replicationFactor: 1, configEntries });
  await admin.disconnect();
}

/** A topic, once each partition of it has a leader. */
export async function createTopicBy(
  admin: kafkajs.Admin,
  wanted: kafkajs.ITopicConfig & { readonly numPartitions: number },
): Promise<void> {
  // not `waitForLeaders`: kafkajs fails there when the broker that it asks has not heard of the topic yet
  await admin.createTopics({ topics: [wanted], waitForLeaders: false });
  await partitionsAre(admin, wanted.topic, wanted.numPartitions);
}

/** Resolves when a topic has so many, each with a leader: to one that it has not heard of, kafkajs sends nothing, and is content. */
export async function partitionsAre(admin: kafkajs.Admin, topic: string, count: number): Promise<void> {
  for (const until = performance.now() + SPREAD_MS; ;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const led = topics.flatMap(({ partitions }) => partitions).filter(({ leader }) => leader >= 0);
      if (led.length === count) {
        // a leader may still have to hear that it is one, and refuses until then
        await admin.fetchTopicOffsets(topic);
        return;
      }
      if (performance.now() > until)
        throw new Error(`${led.length} of ${count} partitions of ${topic} are there`);
    } catch (error) {
      if (!(error instanceof kafkajs.KafkaJSProtocolError) || performance.now() > until) throw error;
    }
    await delay(20);
  }
}

export interface ProducedMessage {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly partition?: number;
}

export async function produce(
  brokers: readonly string[],
  topic: string,
  messages: readonly ProducedMessage[],
): Promise<void> {
  const producer = exactProducer(brokers);
  await producer.connect();
  for (const slice of requests(messages)) await producer.send({ topic, acks: -1, messages: slice });
  await producer.disconnect();
}

/** Below what a topic takes by default, whatever the messages' number and size. */
const REQUEST = { messages: 500, bytes: 900_000 };

function requests(messages: readonly ProducedMessage[]): kafkajs.Message[][] {
  const slices: kafkajs.Message[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    const size = message.value?.length ?? 0;
    if (bytes + size > REQUEST.bytes || slices.at(-1)?.length === REQUEST.messages) {
      slices.push([]);
      bytes = 0;
    }
    slices.at(-1)?.push({ ...message, headers: { ...message.headers } });
    bytes += size;
  }
  return slices;
}

export interface LoadOptions {
  readonly cluster: string;
  readonly snapshots: number;
  readonly pods: number;
  /** Bytes of one message: a small limit makes many messages. */
  readonly limit: number;
}

/** Snapshots of a cluster in which something changes each time, as their messages. */
export function snapshotLoad({ cluster, snapshots, pods, limit }: LoadOptions): OutgoingMessage[] {
  const kind = KINDS.find(({ resource }) => resource === "pods")!;
  const outcome = {
    status: "complete",
    reason: null,
    httpStatus: null,
    revision: "1",
    consistency: "cut",
    pages: 1,
    durationMs: 1,
  } as const;
  return Array.from({ length: snapshots }, (_, snapshot) => {
    const identity = {
      cluster,
      clusterName: cluster,
      server: "https://k",
      serverVersion: "v1.35.4",
      collector: "test",
    };
    const composer = new SnapshotComposer(identity, limit);
    const documents = Array.from({ length: pods }, (_pod, n) =>
      pod(`p-${n}`, n % 7 === snapshot % 7 ? `phase-${snapshot}` : "Running"),
    );
    return [
      composer.begin(),
      ...composer.objects(kind, documents),
      ...composer.endKind(kind, outcome),
      composer.end().message,
    ];
  }).flat();
}
