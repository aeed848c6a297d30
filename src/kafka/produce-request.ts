import kafkajs from "kafkajs";
import { ClusterflowError } from "../core/errors.ts";
import type { OutgoingMessage } from "../streams/define.ts";
import type { Topic } from "./topics.ts";

/** A message with its partition decided. */
export interface PlacedMessage {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Record<string, string>;
}

/**
 * What a batch and its one message take besides key, value and headers: Kafka's formats need 61 and some 30 bytes, and
 * up to 10 for each header.
 */
export const MESSAGE_OVERHEAD_BYTES = 512;
/** Lengths and deltas around one more record in a batch, and around one header. */
const RECORD_BYTES = 32;
const HEADER_BYTES = 10;

/**
 * Splits messages into requests, in order, none larger than the topic takes. Kafka measures the compressed batch; the
 * uncompressed size is what can be known before, and safe, since gzip adds at most a few bytes to it.
 */
export function packRequests(
  messages: readonly OutgoingMessage[],
  topic: Topic,
): readonly (readonly PlacedMessage[])[] {
  const place = placer(topic);
  const limit = topic.maxMessageBytes - MESSAGE_OVERHEAD_BYTES;
  const requests: PlacedMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    if (size > limit) throw tooLarge(message, size, topic, limit);
    const taken = size + RECORD_BYTES + HEADER_BYTES * Object.keys(message.headers).length;
    if (taken > room || requests.length === 0) {
      requests.push([]);
      room = limit;
    }
    requests.at(-1)?.push(place(message));
    room -= taken;
  }
  return requests;
}

/** Partition by key with Java's hash, so that other producers of the same key agree on it. */
function placer(topic: Topic): (message: OutgoingMessage) => PlacedMessage {
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: topic.partitions }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 0,
    replicas: [],
    isr: [],
  }));
  return ({ key, value, headers }) => {
    const message = { key, value, headers: { ...headers } };
    return { ...message, partition: partitioner({ topic: topic.name, partitionMetadata, message }) };
  };
}

function sizeOf({ key, value, headers }: OutgoingMessage): number {
  let bytes = Buffer.byteLength(key) + Buffer.byteLength(value);
  for (const [name, text] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  }
  return bytes;
}

function tooLarge(message: OutgoingMessage, size: number, topic: Topic, limit: number): ClusterflowError {
  return new ClusterflowError(
    `a message with key "${message.key.slice(0, 100)}" has ${size} bytes, topic "${topic.name}" takes ${limit}`,
    {
      code: "data",
      hint: `raise max.message.bytes of the topic: kafka-configs.sh --alter --topic ${topic.name} --add-config max.message.bytes=${size + 2 * MESSAGE_OVERHEAD_BYTES}`,
      vendorCode: "MESSAGE_TOO_LARGE",
    },
  );
}
