import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import kafkajs, { type Admin, type Message } from "kafkajs";
import { inject } from "vitest";
import type { Report, Tell } from "../../src/core/report.ts";
import type { Batch, Claim, Deliver, Ledger, RawRecord } from "../../src/pipeline/ports.ts";
import { openKafkaSource, type ConsumeSummary, type KafkaSource } from "../../src/kafka/source.ts";
import type { KafkaSourceOptions } from "../../src/kafka/source-options.ts";

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
  await lendAdmin(
    async (admin) => {
      await admin.createTopics({ topics: [topic], waitForLeaders: false });
      while (!(await admin.listTopics()).includes(name)) await delay(20);
    },
    [...brokers],
  );
  return name;
}

export async function produce(
  topic: string,
  messages: readonly Message[],
  { brokers = inject("brokers"), compression = kafkajs.CompressionTypes.None } = {},
): Promise<void> {
  const producer = plainKafka(brokers).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
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

/** What the database is to the source: positions with epochs, and the records that came down under them. */
export class MemoryStore implements Ledger {
  readonly positions = new Map<number, { next: bigint; epoch: bigint }>();
  readonly records: RawRecord[] = [];
  readonly batches: Batch[] = [];
  claims = 0;
  /** Called before a batch is stored; a test waits or looks in here. */
  before: (batch: Batch, signal: AbortSignal) => Promise<void> | void = () => undefined;

  claim: Ledger["claim"] = (partitions) => {
    this.claims += 1;
    const claims = partitions.map(({ topic, partition, low }): Claim => {
      const held = this.positions.get(partition);
      const now = { next: held?.next ?? low, epoch: (held?.epoch ?? 0n) + 1n };
      this.positions.set(partition, now);
      return { topic, partition, ...now };
    });
    return Promise.resolve(claims);
  };

  readonly deliver: Deliver = async (batch, signal) => {
    await this.before(batch, signal);
    const held = this.positions.get(batch.partition);
    if (held === undefined || held.epoch !== batch.epoch || held.next !== batch.start)
      return { kind: "fenced" };
    held.next = batch.end;
    this.records.push(...batch.records);
    this.batches.push(batch);
    return { kind: "stored", stored: batch.records.length, deadLettered: 0 };
  };

  /** What somebody else's `--from earliest` does. */
  reset(partition: number, next: bigint): void {
    const held = this.positions.get(partition);
    this.positions.set(partition, { next, epoch: (held?.epoch ?? 0n) + 1n });
  }

  values(): string[] {
    return this.records.map(({ value }) => value?.toString() ?? "");
  }
}

/** Everything that was told, and a way to wait for it. */
export class Told {
  readonly reports: Report[] = [];
  readonly #waiting = new Set<() => void>();

  readonly tell: Tell = (report) => {
    this.reports.push(report);
    for (const look of [...this.#waiting]) look();
  };

  of<K extends Report["kind"]>(kind: K): Extract<Report, { kind: K }>[] {
    return this.reports.filter((report): report is Extract<Report, { kind: K }> => report.kind === kind);
  }

  /** Resolves as soon as the condition holds; it is looked at after each report. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }
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
