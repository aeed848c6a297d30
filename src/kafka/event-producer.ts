import kafkajs from "kafkajs";
import type { KafkaSettings } from "../config/parts.ts";
import { settlesWithin, withinTime } from "../core/bounded.ts";
import type { Tell } from "../core/report.ts";
import type { EventLog, Place, Sent } from "../pipeline/ingest/ports.ts";
import type { OutgoingMessage, TopicProfile } from "../streams/define.ts";
import { toKafkaError } from "./errors.ts";
import { MESSAGE_OVERHEAD_BYTES, packRequests, type PlacedMessage } from "./produce-request.ts";
import { openConnection, type Connection } from "./sink.ts";
import { ensureTopic, type Topic } from "./topics.ts";

export interface EventProducerOptions {
  readonly settings: KafkaSettings;
  /** Created when it does not exist. */
  readonly topic: TopicProfile;
  readonly tell: Tell;
}

/** Somebody waits for the answer: what takes longer goes elsewhere. Below the broker's own patience for replicas. */
const ANSWER_MS = 5_000;
const ACKNOWLEDGE_MS = 4_000;
const PROBE_MS = 5_000;
const GOODBYE_MS = 1_000;
const HASTY_GOODBYE_MS = 200;
/** Smaller requests fit into a few packets as they are. */
const GZIP_FROM_BYTES = 16 * 1024;

/**
 * A topic as the place where events go, for a caller that has somewhere else to put them: each call is one try, and
 * nothing is waited for. The caller makes one call after the other, so that no event overtakes one of its key.
 */
export function openEventProducer(options: EventProducerOptions): EventLog & AsyncDisposable {
  return new EventProducer(options);
}

class EventProducer implements EventLog, AsyncDisposable {
  readonly #options: EventProducerOptions;
  #maxMessageBytes: number;
  #connection: Connection | null = null;
  /** As it was seen over this connection. */
  #topic: Topic | null = null;

  constructor(options: EventProducerOptions) {
    this.#options = options;
    const declared = Number(options.topic.config["max.message.bytes"] ?? 1_048_588);
    this.#maxMessageBytes = declared - MESSAGE_OVERHEAD_BYTES;
  }

  get name(): string {
    return `Kafka at ${this.#options.settings.brokers.join(", ")}`;
  }

  get maxMessageBytes(): number {
    return this.#maxMessageBytes;
  }

  async probe(): Promise<void> {
    // what is open may be dead without knowing it
    await this.#discard(HASTY_GOODBYE_MS);
    await this.#try(() => this.#open(), PROBE_MS);
  }

  async send(messages: readonly OutgoingMessage[]): Promise<Sent> {
    const places: Place[] = [];
    try {
      const { topic } = await this.#try(() => this.#open(), ANSWER_MS);
      for (const request of packRequests(messages, topic)) {
        places.push(...(await this.#try(() => this.#produce(request), ANSWER_MS)));
      }
      return { places, error: null };
    } catch (error) {
      return { places, error: toKafkaError(error, this.#options.settings, this.#options.topic.name) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discard(GOODBYE_MS);
  }

  /** Any failure costs the connection: an old request cannot linger there, and the topic is looked at anew. */
  async #try<T>(work: () => Promise<T>, ms: number): Promise<T> {
    try {
      return await withinTime(work, ms);
    } catch (error) {
      await this.#discard(HASTY_GOODBYE_MS);
      throw toKafkaError(error, this.#options.settings, this.#options.topic.name);
    }
  }

  async #open(): Promise<{ readonly connection: Connection; readonly topic: Topic }> {
    const connection = (this.#connection ??= openConnection(this.#options.settings));
    await connection.connected;
    const topic =
      this.#topic ?? (await ensureTopic(connection.client, this.#options.topic, this.#options.tell));
    if (this.#connection === connection) this.#topic = topic;
    this.#maxMessageBytes = topic.maxMessageBytes - MESSAGE_OVERHEAD_BYTES;
    return { connection, topic };
  }

  async #produce(request: readonly PlacedMessage[]): Promise<readonly Place[]> {
    const { connection, topic } = await this.#open();
    const bytes = request.reduce((sum, { value }) => sum + value.length, 0);
    const { GZIP, None } = kafkajs.CompressionTypes;
    const sent = await connection.producer.send({
      topic: topic.name,
      acks: -1,
      timeout: ACKNOWLEDGE_MS,
      compression: bytes >= GZIP_FROM_BYTES ? GZIP : None,
      messages: [...request],
    });
    const next = new Map(sent.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? "-1")]));
    return request.map(({ partition }) => {
      const offset = next.get(partition) ?? -1n;
      // Kafka answers with the offset of a batch's first message; the others follow it without a gap
      next.set(partition, offset + 1n);
      return { partition, offset };
    });
  }

  async #discard(goodbyeMs: number): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    this.#topic = null;
    if (connection === null) return;
    connection.connected.catch(() => undefined);
    await settlesWithin(connection.producer.disconnect(), goodbyeMs);
    connection.client[Symbol.dispose]();
  }
}
