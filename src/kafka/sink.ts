import kafkajs, { type Producer, type RecordMetadata } from "kafkajs";
import { ClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import type { KafkaSettings } from "../config/parts.ts";
import { throughOutages, type OutageOptions } from "../pipeline/outage.ts";
import type { MessageSink, OffsetRange } from "../pipeline/ports.ts";
import type { OutgoingMessage, TopicProfile } from "../streams/define.ts";
import { settlesWithin, unlessAborted, withinTime } from "../core/bounded.ts";
import { openKafka, type KafkaClient } from "./client.ts";
import { toKafkaError } from "./errors.ts";
import { packRequests, MESSAGE_OVERHEAD_BYTES, type PlacedMessage } from "./produce-request.ts";
import { ensureTopic, type Topic } from "./topics.ts";

export interface KafkaSinkOptions {
  readonly settings: KafkaSettings;
  /** Created when it does not exist. */
  readonly topic: TopicProfile;
  readonly tell: Tell;
  readonly signal: AbortSignal;
  /** Milliseconds without progress after which an outage ends in its error; null waits until the signal. */
  readonly giveUpAfterMs: number | null;
}

/** Longest that the broker may take to have a batch on all its replicas. */
const ACKNOWLEDGE_MS = 10_000;
/** Connecting included; then the request is given up, and may have been carried out. */
const ANSWER_MS = 12_000;
const GOODBYE_MS = 2_000;
/** To a broker that does not answer anyway. */
const HASTY_GOODBYE_MS = 200;

/**
 * A topic as the place where messages go. A write resolves when every in-sync replica has its messages, in order; a
 * broker that is away is waited for, told once. A lost acknowledgement makes messages come twice, never out of order:
 * the readers know them by their identity headers.
 */
export async function openKafkaSink(options: KafkaSinkOptions): Promise<MessageSink> {
  const { settings, tell, signal, giveUpAfterMs } = options;
  const outage = { name: `Kafka at ${settings.brokers.join(", ")}`, tell, signal, giveUpAfterMs };
  const topic = await throughOutages((attempt) => findTopic(options, attempt), outage);
  return new KafkaSink(settings, topic, outage);
}

async function findTopic({ settings, topic, tell }: KafkaSinkOptions, signal: AbortSignal): Promise<Topic> {
  using client = openKafka(settings);
  return await unlessAborted(ensureTopic(client, topic, tell), signal);
}

class KafkaSink implements MessageSink {
  readonly maxMessageBytes: number;
  readonly #settings: KafkaSettings;
  readonly #topic: Topic;
  readonly #outage: OutageOptions;
  #connection: Connection | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: KafkaSettings, topic: Topic, outage: OutageOptions) {
    this.#settings = settings;
    this.#topic = topic;
    this.#outage = outage;
    this.maxMessageBytes = topic.maxMessageBytes - MESSAGE_OVERHEAD_BYTES;
  }

  /** One write after the other, so that no message overtakes one that is being retried. */
  async write(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<readonly OffsetRange[]> {
    const requests = packRequests(messages, this.#topic);
    const turn = this.#last.then(() => this.#writeAll(requests, signal));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#discard(GOODBYE_MS);
  }

  async #writeAll(
    requests: readonly (readonly PlacedMessage[])[],
    signal: AbortSignal,
  ): Promise<OffsetRange[]> {
    const ranges: OffsetRange[] = [];
    for (const request of requests) {
      const send = async (attempt: AbortSignal): Promise<readonly RecordMetadata[]> =>
        this.#send(request, attempt);
      const sent = await throughOutages(send, { ...this.#outage, signal });
      ranges.push(...rangesOf(this.#topic.name, request, sent));
    }
    return ranges;
  }

  /** Any failure costs the connection: a new one knows nothing of dead brokers, and an old request cannot linger. */
  async #send(request: readonly PlacedMessage[], signal: AbortSignal): Promise<readonly RecordMetadata[]> {
    try {
      return await withinTime(() => this.#sendOnce(request), ANSWER_MS, signal);
    } catch (error) {
      await this.#discard(HASTY_GOODBYE_MS);
      signal.throwIfAborted();
      throw toKafkaError(error, this.#settings, this.#topic.name);
    }
  }

  async #sendOnce(request: readonly PlacedMessage[]): Promise<readonly RecordMetadata[]> {
    this.#connection ??= openConnection(this.#settings);
    const { producer, connected } = this.#connection;
    await connected;
    return producer.send({
      topic: this.#topic.name,
      acks: -1,
      timeout: ACKNOWLEDGE_MS,
      compression: kafkajs.CompressionTypes.GZIP,
      messages: [...request],
    });
  }

  async #discard(goodbyeMs: number): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    await settlesWithin(connection.producer.disconnect(), goodbyeMs);
    connection.client[Symbol.dispose]();
  }
}

/** Kept from its first moment on, so that one which is still connecting can be cut off too. */
export interface Connection {
  readonly client: KafkaClient;
  readonly producer: Producer;
  readonly connected: Promise<void>;
}

export function openConnection(settings: KafkaSettings): Connection {
  const client = openKafka(settings);
  const producer = client.kafka.producer({
    allowAutoTopicCreation: false,
    // one request in flight: two could overtake each other when the first is retried
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  return { client, producer, connected: producer.connect() };
}

/** Kafka answers with the offset of a batch's first message; the others follow it without a gap. */
function rangesOf(
  topic: string,
  request: readonly PlacedMessage[],
  sent: readonly RecordMetadata[],
): readonly OffsetRange[] {
  return sent.map(({ partition, baseOffset }) => {
    if (baseOffset === undefined) {
      throw new ClusterflowError("Kafka did not say where it put the messages", { code: "unexpected" });
    }
    const count = request.filter((message) => message.partition === partition).length;
    const first = BigInt(baseOffset);
    return { topic, partition, first, last: first + BigInt(count) - 1n };
  });
}
