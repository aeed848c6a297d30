import kafkajs, { type Admin } from "kafkajs";
import { withAdmin } from "./admin.ts";
import type { KafkaClient } from "./client.ts";

/** One partition: what it holds, who keeps it, and how far a group has told Kafka that it is. */
export interface PartitionLook {
  readonly partition: number;
  readonly low: bigint;
  /** Behind the last record that is committed. */
  readonly high: bigint;
  /** Broker id; -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
  /** Null when the group never told. */
  readonly position: bigint | null;
}

export interface TopicLook {
  readonly name: string;
  readonly partitions: readonly PartitionLook[];
  /** Kafka's own settings of the topic, those that say what is kept; empty when the brokers refuse to tell. */
  readonly config: Readonly<Record<string, string>>;
}

export interface TopicCount {
  readonly name: string;
  readonly partitions: number;
  /** Offsets between the ends: records, markers of transactions, and what was compacted away. */
  readonly offsets: bigint;
}

const TOLD_SETTINGS = [
  "cleanup.policy",
  "retention.ms",
  "retention.bytes",
  "min.insync.replicas",
  "max.message.bytes",
];

/** A topic as its brokers see it. Throws `usage` when it is not there, `unreachable` when Kafka is away. */
export async function lookAtTopic(client: KafkaClient, name: string, group: string): Promise<TopicLook> {
  return withAdmin(client, name, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    const kept = topics.flatMap((topic) => topic.partitions);
    const marks = new Map((await admin.fetchTopicOffsets(name)).map((mark) => [mark.partition, mark]));
    const positions = await positionsOf(admin, name, group);
    const partitions = kept
      .toSorted((left, right) => left.partitionId - right.partitionId)
      .map(({ partitionId: partition, leader, replicas, isr }) => ({
        partition,
        low: BigInt(marks.get(partition)?.low ?? 0),
        high: BigInt(marks.get(partition)?.high ?? 0),
        leader,
        replicas,
        inSync: isr,
        position: positions.get(partition) ?? null,
      }));
    return { name, partitions, config: await configOf(admin, name) };
  });
}

/** All topics that this user may see, but for those of Kafka itself. */
export async function countTopics(client: KafkaClient): Promise<readonly TopicCount[]> {
  return withAdmin(client, "", async (admin) => {
    const names = (await admin.listTopics()).filter((name) => !name.startsWith("__")).toSorted();
    return Promise.all(names.map((name) => count(admin, name)));
  });
}

async function count(admin: Admin, name: string): Promise<TopicCount> {
  const marks = await admin.fetchTopicOffsets(name);
  const offsets = marks.reduce((sum, { low, high }) => sum + BigInt(high) - BigInt(low), 0n);
  return { name, partitions: marks.length, offsets };
}

async function positionsOf(
  admin: Admin,
  topic: string,
  groupId: string,
): Promise<ReadonlyMap<number, bigint>> {
  const told = await admin.fetchOffsets({ groupId, topics: [topic] });
  const partitions = told.flatMap((one) => one.partitions);
  return new Map(
    partitions
      .filter(({ offset }) => Number(offset) >= 0)
      .map(({ partition, offset }) => [partition, BigInt(offset)]),
  );
}

async function configOf(admin: Admin, name: string): Promise<Readonly<Record<string, string>>> {
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: [...TOLD_SETTINGS] }];
  try {
    const found = await admin.describeConfigs({ resources, includeSynonyms: false });
    const entries = found.resources.flatMap(({ configEntries }) => configEntries);
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  } catch (error) {
    // who may read a topic may not always read its settings
    if (error instanceof kafkajs.KafkaJSProtocolError && error.type.endsWith("AUTHORIZATION_FAILED"))
      return {};
    throw error;
  }
}
