import { setTimeout as delay } from "node:timers/promises";
import kafkajs, { type Admin } from "kafkajs";
import type { Tell } from "../core/report.ts";
import type { TopicProfile } from "../streams/define.ts";
import { withAdmin } from "./admin.ts";
import type { KafkaClient } from "./client.ts";

/** Kafka's own default of `max.message.bytes`, for brokers that do not let us ask. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;
const MAX_REPLICAS = 3;
/** How long a new topic may take to be known everywhere. */
const SPREAD_MS = 10_000;
const LOOK_AGAIN_MS = 50;
const NOT_YET = ["UNKNOWN_TOPIC_OR_PARTITION", "LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION"];
const REFUSED = ["TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"];

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
    const wasThere = (await admin.listTopics()).includes(profile.name);
    const isNew = !wasThere && (await createTopic(admin, profile));
    const { topic, config } = await describe(admin, profile.name);
    // before it is given out each leader has to know that it is one
    if (!wasThere) await onceKnown(profile.name, () => admin.fetchTopicOffsets(profile.name));
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
  const topic = { topic: profile.name, numPartitions: profile.partitions, replicationFactor, configEntries };
  // not `waitForLeaders`: kafkajs fails there when the broker that it asks has not heard of the topic yet
  return admin.createTopics({ topics: [topic], waitForLeaders: false });
}

type TopicConfig = ReadonlyMap<string, string>;

async function describe(admin: Admin, name: string): Promise<{ topic: Topic; config: TopicConfig }> {
  const partitions = await onceKnown(name, () => fetchPartitions(admin, name));
  // asked of another broker than the partitions
  const config = await onceKnown(name, () => fetchConfig(admin, name));
  const maxMessageBytes = Number(config.get("max.message.bytes") ?? DEFAULT_MAX_MESSAGE_BYTES);
  return { topic: { name, partitions, maxMessageBytes }, config };
}

/** Each broker hears of a new topic a moment after its maker; what it cannot tell until then is asked for again. */
async function onceKnown<T>(name: string, look: () => Promise<T | null>): Promise<T> {
  for (const until = performance.now() + SPREAD_MS; ;) {
    try {
      const found = await look();
      if (found !== null) return found;
      if (performance.now() > until)
        throw new kafkajs.KafkaJSError(`topic "${name}" has partitions without a leader`);
    } catch (error) {
      if (performance.now() > until || !isProtocolError(error, NOT_YET)) throw error;
    }
    await delay(LOOK_AGAIN_MS);
  }
}

/** How many there are, null while one of them has no leader. */
async function fetchPartitions(admin: Admin, name: string): Promise<number | null> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  const partitions = topics.flatMap((topic) => topic.partitions);
  const areLed = partitions.length > 0 && partitions.every(({ leader }) => leader >= 0);
  return areLed ? partitions.length : null;
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
    if (isProtocolError(error, REFUSED)) return new Map();
    throw error;
  }
}

function isProtocolError(error: unknown, types: readonly string[]): boolean {
  const root = error instanceof kafkajs.KafkaJSNumberOfRetriesExceeded ? error.cause : error;
  return root instanceof kafkajs.KafkaJSProtocolError && types.includes(root.type);
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
