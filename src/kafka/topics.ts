import kafkajs, { type Admin } from "kafkajs";
import type { Tell } from "../core/report.ts";
import type { TopicProfile } from "../streams/define.ts";
import { withAdmin } from "./admin.ts";
import type { KafkaClient } from "./client.ts";

/** Kafka's own default of `max.message.bytes`, for brokers that do not let us ask. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;
const MAX_REPLICAS = 3;

export interface Topic {
  readonly name: string;
  readonly partitions: number;
  /** Bytes that a batch may have, compressed or not: the topic's `max.message.bytes`. */
  readonly maxMessageBytes: number;
}

/**
 * Looks a topic up and creates it with its profile when it does not exist; never through automatic creation, which
 * gives one partition and the broker's defaults. A topic that exists is left as it is: what differs from the profile
 * is told.
 */
export async function ensureTopic(client: KafkaClient, profile: TopicProfile, tell: Tell): Promise<Topic> {
  return withAdmin(client, profile.name, async (admin) => {
    const isNew = !(await admin.listTopics()).includes(profile.name) && (await createTopic(admin, profile));
    const { topic, config } = await describe(admin, profile.name);
    if (isNew)
      tell({ kind: "notice", text: `created topic "${topic.name}" with ${topic.partitions} partitions` });
    else tellDifferences(profile, topic, config, tell);
    return topic;
  });
}

/** False when somebody else created it at the same moment. */
async function createTopic(admin: Admin, profile: TopicProfile): Promise<boolean> {
  const { brokers } = await admin.describeCluster();
  const replicationFactor = Math.min(MAX_REPLICAS, brokers.length);
  // one replica may be away without stopping anybody, two may not without losing an acknowledged message
  const config = { "min.insync.replicas": String(Math.max(1, replicationFactor - 1)), ...profile.config };
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  return admin.createTopics({
    topics: [{ topic: profile.name, numPartitions: profile.partitions, replicationFactor, configEntries }],
    waitForLeaders: true,
  });
}

type TopicConfig = ReadonlyMap<string, string>;

async function describe(admin: Admin, name: string): Promise<{ topic: Topic; config: TopicConfig }> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  const config = await fetchConfig(admin, name);
  const maxMessageBytes = Number(config.get("max.message.bytes") ?? DEFAULT_MAX_MESSAGE_BYTES);
  return { topic: { name, partitions: topics[0]?.partitions.length ?? 0, maxMessageBytes }, config };
}

/** Empty when the broker refuses: writing does not need the right to read settings. */
async function fetchConfig(admin: Admin, name: string): Promise<TopicConfig> {
  try {
    const { resources } = await admin.describeConfigs({
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }],
      includeSynonyms: false,
    });
    const entries = resources.flatMap(({ configEntries }) => configEntries);
    return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
  } catch (error) {
    if (isRefusal(error)) return new Map();
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  const types = ["TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"];
  return error instanceof kafkajs.KafkaJSProtocolError && types.includes(error.type);
}

function tellDifferences(profile: TopicProfile, topic: Topic, config: TopicConfig, tell: Tell): void {
  const differing = Object.entries(profile.config).flatMap(([name, wanted]) => {
    const found = config.get(name);
    return found === undefined || found === wanted ? [] : [`${name} is ${found}, not ${wanted}`];
  });
  if (topic.partitions < profile.partitions) {
    differing.push(`it has ${topic.partitions} partitions, not ${profile.partitions}`);
  }
  if (differing.length === 0) return;
  tell({
    kind: "warning",
    text: `topic "${topic.name}" exists with other settings: ${differing.join("; ")}`,
  });
}
