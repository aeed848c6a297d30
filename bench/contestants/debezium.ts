import { randomBytes } from "node:crypto";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { TABLES } from "../../test/support/event-streams.mjs";
import { ConnectWorker } from "../connect/worker.ts";
import { MESSAGES } from "../load/events.ts";
import { waitForRows } from "../measure/run.ts";
import { Store } from "../measure/store.ts";
import type { Contestant } from "./contestant.ts";

export interface SinkOptions {
  readonly topic: string;
  readonly mode: "insert" | "upsert";
  /** Left out, everything is as it comes; else batches of 5,000 with unnest, and so many tasks. */
  readonly tasks?: number;
}

/** The events' columns, told once instead of in each message. */
const SCHEMA = {
  type: "struct",
  name: "event",
  fields: [
    { field: "id", type: "int64", optional: false },
    { field: "user_id", type: "string", optional: true },
    { field: "kind", type: "string", optional: true },
    { field: "amount", type: "double", optional: true },
    { field: "at", type: "string", name: "io.debezium.time.ZonedTimestamp", version: 1, optional: true },
    { field: "note", type: "string", optional: true },
  ],
};

/** Its best on this load, found by trying: large batches, arrays instead of a list of values, large fetches. */
const TUNED = {
  "batch.size": "5000",
  "dialect.postgres.unnest.insert.enabled": "true",
  "consumer.override.max.poll.records": "5000",
  "consumer.override.max.partition.fetch.bytes": String(8 * 1024 * 1024),
};

const WARM_EVENTS = 500_000;

export function tableOf(mode: SinkOptions["mode"]): "append" | "keyed" {
  return mode === "insert" ? "append" : "keyed";
}

/** A connector of Debezium's JDBC sink, by its settings. */
export function sinkConfig(
  { host, port, database, user, password }: DatabaseSettings,
  { topic, mode, tasks }: SinkOptions,
): Readonly<Record<string, string>> {
  return {
    "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
    topics: topic,
    "tasks.max": String(tasks ?? 1),
    "connection.url": `jdbc:postgresql://${host}:${port}/${database}`,
    "connection.username": user,
    "connection.password": password ?? "",
    "insert.mode": mode,
    ...(mode === "insert"
      ? { "primary.key.mode": "none" }
      : { "primary.key.mode": "record_value", "primary.key.fields": "id" }),
    "schema.evolution": "none",
    "collection.name.format": tableOf(mode),
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "true",
    "value.converter.schema.content": JSON.stringify(SCHEMA),
    ...(tasks === undefined ? {} : TUNED),
  };
}

/** Debezium's JDBC sink in a worker that has already run warm with the same settings. */
export function debezium(name: string, options: SinkOptions): Contestant {
  return {
    name,
    tables: TABLES[tableOf(options.mode)]!,
    async ready(store) {
      const worker = await ConnectWorker.start();
      await warmUp(worker, options);
      return {
        async start() {
          await worker.connect(connectorName(), sinkConfig(store.settings, options));
          return { pid: worker.pid };
        },
        [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
      };
    },
  };
}

export function connectorName(): string {
  return `sink-${randomBytes(4).toString("hex")}`;
}

/** A JVM is quick only after a while, and people's have been up for days: the whole run once or more often. */
async function warmUp(worker: ConnectWorker, options: SinkOptions): Promise<void> {
  for (let taken = 0; taken < WARM_EVENTS; taken += MESSAGES) await takeAll(worker, options);
}

async function takeAll(worker: ConnectWorker, options: SinkOptions): Promise<void> {
  await using store = await Store.open(TABLES[tableOf(options.mode)]!);
  const name = connectorName();
  await worker.connect(name, sinkConfig(store.settings, options));
  await waitForRows(store, { rows: MESSAGES, pid: worker.pid });
  await worker.disconnect(name);
}
