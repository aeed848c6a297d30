import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import kafkajs from "kafkajs";
import postgres from "postgres";
import { inject } from "vitest";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { kafkaToPostgres } from "../../src/flows/kafka-to-postgres.ts";
import { streamNamed } from "../../src/streams/index.ts";
import { databaseEnvironment, runCli, startCli, type CliResult } from "./cli.ts";
import { createTopic, plainKafka } from "./produce.ts";
import { testDatabase, testTopicName } from "./servers.ts";

const KIT = resolve(import.meta.dirname, "../faults/kit.mjs");
export const STREAM = "mykart.clicks";

/** A shop with a table of clicks, in which each click has a product of its own: what is lost or doubled can be seen. */
export interface ShopWorld extends AsyncDisposable {
  readonly topic: string;
  readonly database: DatabaseSettings;
  readonly sql: postgres.Sql;
  readonly brokers: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Runs `clusterflow cutover <words> --stream mykart.clicks` to its end. */
  readonly step: (...words: readonly string[]) => Promise<CliResult>;
  /** The same as a process that kills itself at the nth time that it gets to a point; rejects when it does not. */
  readonly killedAt: (point: string, nth: number, ...words: readonly string[]) => Promise<void>;
  /** Stores what the topic holds now. */
  readonly consume: () => Promise<void>;
  /** What is stored: how often each product is there. */
  readonly stored: () => Promise<readonly Counted[]>;
  /** What the shop's table has. */
  readonly inTable: (table?: string) => Promise<readonly Counted[]>;
  /** How far the topic goes, by partition. */
  readonly ends: () => Promise<readonly string[]>;
}

export interface Counted {
  readonly product: number;
  readonly times: number;
}

export async function openShop(rows = 0, column = "timestamptz"): Promise<ShopWorld> {
  const brokers = inject("brokers");
  const database = await testDatabase();
  const { host, port, user, password, database: name } = database.settings;
  const sql = postgres({
    ...{ host, port, user, database: name, password: password ?? "" },
    ...{ max: 8, onnotice: () => undefined, connection: { TimeZone: "UTC" } },
  });
  const topic = testTopicName("clicks");
  await createTopic(brokers, topic, 3);
  await sql.unsafe(`
    CREATE SCHEMA shop;
    CREATE TABLE shop.clicks (
      click_id serial PRIMARY KEY, product_id integer NOT NULL, click_timestamp ${column} NOT NULL DEFAULT now());
    INSERT INTO shop.clicks (product_id) SELECT g FROM generate_series(1, ${rows}) AS g`);
  const env = {
    ...{ KAFKA_ENABLED: "true", KAFKA_BROKERS: brokers.join(",") },
    ...databaseEnvironment(database.settings),
  };
  const words = (step: readonly string[]): string[] => [
    ...["cutover", ...step],
    ...["--stream", STREAM, "--topic", topic],
  ];
  const settings = {
    kafka: { brokers, topic },
    database: database.settings,
    group: "mykart-clicks-consumer",
    deadLetters: { maxInARow: 100, topic: null },
    http: null,
  };
  return {
    ...{ topic, sql, brokers, env },
    database: database.settings,
    step: (...step) => runCli(words(step), { env }),
    killedAt: (point, nth, ...step) => killedAt(words(step), { ...env, FAULT: `${point}:kill:${nth}` }),
    consume: async () => {
      const options = { untilEnd: true, giveUpAfterMs: 60_000 };
      const run = { tell: () => undefined, signal: new AbortController().signal, environment: {} };
      await kafkaToPostgres(settings, streamNamed(STREAM)!, options, run);
    },
    stored: () => counted(sql, "mykart.clicks"),
    inTable: (table = "shop.clicks") => counted(sql, table),
    ends: async () => {
      const admin = plainKafka(brokers).admin();
      await admin.connect();
      const offsets = await admin.fetchTopicOffsets(topic);
      await admin.disconnect();
      return offsets
        .toSorted((left, right) => left.partition - right.partition)
        .map(({ low, high }) => `${low}-${high}`);
    },
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 5 });
      await database[Symbol.asyncDispose]();
    },
  };
}

async function killedAt(words: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const child = startCli(words, { env, nodeArguments: ["--import", KIT] });
  let told = "";
  child.stderr?.on("data", (bytes: Buffer) => (told += bytes.toString()));
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  if (signal !== "SIGKILL") throw new Error(`${env["FAULT"]} was not seen: ${told}`);
}

async function counted(sql: postgres.Sql, table: string): Promise<readonly Counted[]> {
  const rows = await sql.unsafe(
    `SELECT product_id AS product, count(*)::integer AS times FROM ${table} GROUP BY 1 ORDER BY 1`,
  );
  return rows.map(({ product, times }) => ({ product: Number(product), times: Number(times) }));
}

/** Each of these once: what `stored` and `inTable` have to say. */
export function eachOnce(products: Iterable<number>): readonly Counted[] {
  return [...products].toSorted((left, right) => left - right).map((product) => ({ product, times: 1 }));
}

export interface Writing {
  /** Products of clicks that are safely down. */
  readonly written: Set<number>;
  stop(): Promise<void>;
}

/** Products that nobody else uses. */
let next = 1_000_000;

/**
 * Several connections that insert without a pause: some in transactions that commit long after those that began behind
 * them, some in transactions that are aborted. They end by themselves when the table is gone.
 */
export function insertClicks(sql: postgres.Sql, table = "shop.clicks", connections = 4): Writing {
  const written = new Set<number>();
  const stopped = new AbortController();
  const work = async (nth: number): Promise<void> => {
    for (let round = nth; !stopped.signal.aborted; round += 1) {
      const products = Array.from({ length: 1 + (round % 3) }, () => (next += 1));
      const isAborted = round % 7 === 3;
      try {
        await sql.begin(async (transaction) => {
          for (const product of products) {
            await transaction.unsafe(`INSERT INTO ${table} (product_id) VALUES ($1)`, [product]);
            await delay(round % 5 === 1 ? 60 : 3);
          }
          if (isAborted) throw new Error("never mind");
        });
        for (const product of products) written.add(product);
      } catch (error) {
        // a writer that was forgotten gets an error, and nothing of his is written
        if ((error as { code?: string }).code === "42P01") return;
        if (!isAborted) throw error;
      }
    }
  };
  const all = Promise.all(Array.from({ length: connections }, (_, nth) => work(nth)));
  all.catch(() => undefined);
  return {
    written,
    async stop() {
      stopped.abort();
      await all;
    },
  };
}

/** The shop's own producers, as they come after the switch; half of their messages have a name, the others none. */
export function produceClicks(brokers: readonly string[], topic: string): Writing {
  const written = new Set<number>();
  const stopped = new AbortController();
  const work = async (): Promise<void> => {
    const producer = plainKafka(brokers).producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    while (!stopped.signal.aborted) {
      const products = Array.from({ length: 3 }, () => (next += 1));
      await producer.send({ topic, acks: -1, messages: products.map((product) => clickMessage(product)) });
      for (const product of products) written.add(product);
      await delay(20);
    }
    await producer.disconnect();
  };
  const all = work();
  all.catch(() => undefined);
  return {
    written,
    async stop() {
      stopped.abort();
      await all;
    },
  };
}

export function clickMessage(product: number): kafkajs.Message {
  return {
    key: `product-${product}`,
    value: JSON.stringify({
      ...{ product_id: product, click_timestamp: new Date().toISOString() },
      ...{ user_agent: "Mozilla/5.0", ip: "10.1.2.3" },
    }),
    headers: product % 2 === 0 ? { "event-id": `app-${product}` } : {},
  };
}

/** As `clusterflow consume` does; one run to the end after the other, since this process has to end. */
export function consumeAllTheTime(shop: ShopWorld): { stop(): Promise<void> } {
  let isOver = false;
  const work = async (): Promise<void> => {
    while (!isOver) {
      await shop.consume();
      await delay(100);
    }
  };
  const all = work();
  all.catch(() => undefined);
  return {
    async stop() {
      isOver = true;
      await all;
    },
  };
}
