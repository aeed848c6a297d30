import kafkajs from "kafkajs";
import Batch from "kafkajs/src/consumer/batch.js";
import type Cluster from "kafkajs/src/cluster/index.js";
import type { KafkaSettings } from "../config/parts.ts";
import type { RawRecord, TopicPartition } from "../pipeline/ports.ts";
import { ClusterflowError } from "../core/errors.ts";
import { settlesWithin, withinTime } from "../core/bounded.ts";
import { openKafka, type KafkaClient } from "./client.ts";
import { openCluster, READ_COMMITTED } from "./cluster.ts";
import { toKafkaError } from "./errors.ts";
import { toRawRecord } from "./records/record.ts";
import { fetchWatermarks, type Watermarks } from "./watermarks.ts";

const FETCH_WAIT_MS = 500;
const FETCH_BYTES = 1024 * 1024;
const GOODBYE_MS = 500;
const CONNECT_MS = 6_000;
/** Answers without anything in them, one after the other, before the range is given up. */
const MAX_EMPTY_ANSWERS = 10;

export interface ReadRange {
  readonly topic: string;
  readonly partition: number;
  /** First offset wanted. */
  readonly first: bigint;
  /** Last offset wanted, included; it must not lie behind the partition's end. */
  readonly last: bigint;
}

/** What each partition of a topic holds: from `low` on, up to but without `high`. Throws when Kafka is away. */
export async function topicOffsets(settings: KafkaSettings, topic: string): Promise<readonly Watermarks[]> {
  using client = openKafka(settings);
  const marks = await fetchWatermarks(client, topic);
  return [...marks.values()].sort((left, right) => left.partition - right.partition);
}

/**
 * Reads the committed records of a range in order, without a consumer group: nothing is joined, no offset is touched,
 * nobody is disturbed. `onRecord` is awaited. Rejects with `wrong` when the topic does not hold the whole range.
 */
export async function readRange(
  settings: KafkaSettings,
  range: ReadRange,
  onRecord: (record: RawRecord) => void | Promise<void>,
): Promise<void> {
  if (range.last < range.first) return;
  using client = openKafka(settings);
  await checkRange(client, range);
  await withCluster(client, range.topic, (cluster) => readAll(cluster, range, onRecord));
}

/**
 * Whether anything lies at an offset or behind it: where the end of a topic was compacted away there is nothing, though
 * the partition's end is further on.
 */
export async function isAnythingFrom(
  client: KafkaClient,
  { topic, partition }: TopicPartition,
  offset: bigint,
): Promise<boolean> {
  return withCluster(client, topic, async (cluster) => {
    const { rawMessages } = await fetchFrom(cluster, topic, partition, offset);
    return rawMessages.some((message) => BigInt(message.offset) >= offset);
  });
}

async function withCluster<T>(
  client: KafkaClient,
  topic: string,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const cluster = openCluster(client);
  try {
    await withinTime(() => cluster.connect(), CONNECT_MS);
    await cluster.addTargetTopic(topic);
    return await work(cluster);
  } catch (error) {
    throw toKafkaError(error, client.settings, topic);
  } finally {
    await settlesWithin(cluster.disconnect(), GOODBYE_MS);
  }
}

async function checkRange(client: KafkaClient, { topic, partition, first, last }: ReadRange): Promise<void> {
  const marks = (await fetchWatermarks(client, topic)).get(partition);
  if (marks === undefined || first < marks.low || last >= marks.high) {
    const holds = marks === undefined ? "does not exist" : `holds offsets ${marks.low} to ${marks.high - 1n}`;
    throw new ClusterflowError(
      `partition ${partition} of topic "${topic}" ${holds}, wanted are ${first} to ${last}`,
      {
        code: "wrong",
        hint: "clusterflow verify",
      },
    );
  }
}

async function readAll(
  cluster: Cluster,
  { topic, partition, first, last }: ReadRange,
  onRecord: (record: RawRecord) => void | Promise<void>,
): Promise<void> {
  for (let next = first, empty = 0; next <= last;) {
    const batch = await fetchFrom(cluster, topic, partition, next);
    if (batch.isEmpty()) {
      empty += 1;
      if (empty > MAX_EMPTY_ANSWERS)
        throw new Error(`nothing comes from offset ${next} of partition ${partition} on`);
      continue;
    }
    empty = 0;
    for (const message of upTo(last, batch.messages)) await onRecord(toRawRecord(topic, partition, message));
    next = BigInt(batch.lastOffset()) + 1n;
  }
}

async function fetchFrom(cluster: Cluster, topic: string, partition: number, next: bigint): Promise<Batch> {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) throw new kafkajs.KafkaJSError(`partition ${partition} has no leader`);
  const broker = await cluster.findBroker({ nodeId });
  const partitions = [{ partition, fetchOffset: next.toString(), maxBytes: FETCH_BYTES }];
  const { responses } = await broker.fetch({
    maxWaitTime: FETCH_WAIT_MS,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions }],
  });
  return new Batch(topic, next.toString(), responses[0]?.partitions[0]);
}

function upTo<T extends { readonly offset: string | bigint }>(
  last: bigint,
  messages: readonly T[],
): readonly T[] {
  return messages.filter(({ offset }) => BigInt(offset) <= last);
}
