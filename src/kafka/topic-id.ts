import Encoder from "kafkajs/src/protocol/encoder.js";
import type { Broker, BrokerRequest } from "kafkajs/src/cluster/index.js";
import { settlesWithin, withinTime } from "../core/bounded.ts";
import type { KafkaClient } from "./client.ts";
import { openCluster } from "./cluster.ts";
import { toKafkaError } from "./errors.ts";
import { Varints } from "./records/varints.ts";

const METADATA = 3;
/** The first version with ids that every broker since Kafka 3.0 speaks; kafkajs 2.2.4 stops at 6. */
const VERSION = 12;
const PATIENCE_MS = 6_000;
const GOODBYE_MS = 500;
const UUID_BYTES = 16;
const NONE = Buffer.alloc(UUID_BYTES);

/**
 * The id that Kafka gave a topic when it was created (KIP-516), as hexadecimal digits: a topic that was deleted and
 * created anew has another one, however far it has grown. Null when the brokers are too old to have any.
 */
export async function fetchTopicId(client: KafkaClient, topic: string): Promise<string | null> {
  const cluster = openCluster(client);
  try {
    await withinTime(() => cluster.connect(), PATIENCE_MS);
    await cluster.addTargetTopic(topic);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [0]));
    if (nodeId === undefined) return null;
    const broker = await cluster.findBroker({ nodeId });
    return speaks(broker) ? await withinTime(() => ask(broker, topic), PATIENCE_MS) : null;
  } catch (error) {
    throw toKafkaError(error, client.settings, topic);
  } finally {
    await settlesWithin(cluster.disconnect(), GOODBYE_MS);
  }
}

function speaks({ versions }: Broker): boolean {
  return (versions[METADATA]?.maxVersion ?? 0) >= VERSION;
}

async function ask(broker: Broker, topic: string): Promise<string | null> {
  return broker.connectionPool.send({
    request: metadataRequest(topic),
    response: {
      decode: (bytes) => Promise.resolve({ id: idIn(bytes) }),
      parse: ({ id }) => Promise.resolve(id),
    },
  });
}

/** Flexible requests (KIP-482) have tagged fields behind the client's name, of which kafkajs knows nothing: none. */
function metadataRequest(topic: string): BrokerRequest {
  const name = Buffer.from(topic);
  const noTags = Buffer.from([0]);
  const one = Buffer.from([2]); // lengths are sent plus one
  const body = Buffer.concat([
    ...[noTags, one, NONE, lengthOf(name), name, noTags],
    ...[Buffer.from([0, 0]), noTags], // create nothing, and leave out what is allowed
  ]);
  return {
    ...{ apiKey: METADATA, apiVersion: VERSION, apiName: "Metadata" },
    encode: () => Promise.resolve(new Encoder().writeBuffer(body)),
  };
}

/** As an unsigned varint of the length plus one; a topic's name has 249 characters at most. */
function lengthOf(name: Buffer): Buffer {
  const length = name.length + 1;
  return length < 0x80 ? Buffer.from([length]) : Buffer.from([(length & 0x7f) | 0x80, length >> 7]);
}

/** Tags, throttle time, brokers, cluster, controller, and the first topic up to its id. */
function idIn(bytes: Buffer): string | null {
  const cursor = new Varints(bytes, 1 + 4);
  const skip = (length: number): void => void (cursor.at += length);
  const skipText = (): void => skip(Math.max(0, cursor.unsigned() - 1));
  for (let brokers = cursor.unsigned() - 1; brokers > 0; brokers -= 1) {
    skip(4);
    skipText();
    skip(4);
    skipText();
    skip(1);
  }
  skipText();
  skip(4);
  if (cursor.unsigned() - 1 < 1) return null;
  skip(2);
  skipText();
  const id = bytes.subarray(cursor.at, cursor.at + UUID_BYTES);
  return id.length < UUID_BYTES || id.equals(NONE) ? null : id.toString("hex");
}
