import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import kafkajs, { type Admin, type Message } from "kafkajs";
import { inject } from "vitest";
import { openKafkaSource, type ConsumeSummary, type KafkaSource } from "../../src/kafka/source.ts";
import type { KafkaSourceOptions } from "../../src/kafka/source-options.ts";
import { createTopicBy, exactProducer } from "../support/produce.ts";
import { Told, type MemoryStore } from "./memory-store.ts";

/** A client of kafkajs as it comes, to look at the broker from outside. */
export function plainKafka(brokers: readonly string[] = inject("brokers")): kafkajs.Kafka {
  return new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
}

export async function lendAdmin<T>(
  work: (admin: Admin) => Promise<T>,
  brokers = inject("brokers"),
): Promise<T> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function newTopic(
  partitions: number,
  {
    config = {},
    brokers = inject("brokers"),
    name = `t-${randomUUID()}`,
  }: {
    readonly config?: Readonly<Record<string, string>>;
    readonly brokers?: readonly string[];
    readonly name?: string;
  } = {},
): Promise<string> {
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
  const topic = { topic: name, numPartitions: partitions, replicationFactor: 1, configEntries };
  await lendAdmin((admin) => createTopicBy(admin, topic), [...brokers]);
  return name;
}

export async function produce(
  topic: string,
  messages: readonly Message[],
  { brokers = inject("brokers"), compression = kafkajs.CompressionTypes.None } = {},
): Promise<void> {
  const producer = exactProducer(brokers);
  await producer.connect();
  for (let at = 0; at < messages.length; at += 2_000) {
    await producer.send({ topic, acks: -1, compression, messages: messages.slice(at, at + 2_000) });
  }
  await producer.disconnect();
}

/** Messages `n` to `m`, spread over so many partitions in turn. */
export function numbered(from: number, to: number, partitions: number): Message[] {
  return Array.from({ length: to - from }, (_, i) => ({
    partition: (from + i) % partitions,
    key: `k-${from + i}`,
    value: `${from + i}`,
  }));
}

/** Resolves when the condition holds, which is looked at every few milliseconds. */
export async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

export interface Running extends AsyncDisposable {
  readonly told: Told;
  readonly ended: Promise<ConsumeSummary>;
  /** Fires the signal and waits for the end. */
  stop(): Promise<ConsumeSummary>;
}

/** A source that runs until it is stopped, or left. */
export async function consume(
  topic: string,
  store: MemoryStore,
  options: Partial<KafkaSourceOptions> = {},
): Promise<Running> {
  const told = new Told();
  const source: KafkaSource = await openKafkaSource({
    settings: { brokers: inject("brokers"), topic },
    group: `g-${topic}`,
    topic,
    ledger: store,
    deliver: store.deliver,
    untilEnd: false,
    giveUpAfterMs: null,
    queueBytes: 32 * 1024 * 1024,
    tell: told.tell,
    ...options,
  });
  const stopping = new AbortController();
  const ended = source.run(stopping.signal);
  ended.catch(() => undefined);
  const stop = (): Promise<ConsumeSummary> => {
    stopping.abort();
    return ended;
  };
  const leave = async (): Promise<void> => {
    stopping.abort();
    await source[Symbol.asyncDispose]();
  };
  return { told, ended, stop, [Symbol.asyncDispose]: leave };
}
