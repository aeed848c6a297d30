import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import parse from "parse-prometheus-text-format";
import { afterEach, describe, expect, inject, it } from "vitest";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, kafkaEnvironment, runCli, startCli } from "../support/cli.ts";
import { KafkaWire } from "../support/kafka-wire.ts";
import { createTopic, produce, snapshotLoad } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";
import { Wire } from "../support/wire.ts";

/** A busy machine takes its time; how long it may take is no matter here. */
const SOON = { timeout: 20_000 };

/** `consume --http 0` as a process of its own, and what it answers. */
class Consumer {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  stderr = "";

  constructor(env: Readonly<Record<string, string>>) {
    this.process = startCli(["consume", "--http", "0"], { env });
    this.process.stdout?.resume();
    this.process.stderr?.on("data", (bytes: Buffer) => (this.stderr += bytes.toString()));
    this.ended = once(this.process, "exit").then(([status]) => status as number | null);
  }

  async url(): Promise<string> {
    const said = (): string | undefined => /health and metrics at (http:\S+)\/metrics/.exec(this.stderr)?.[1];
    await expect.poll(said, SOON).toBeDefined();
    return said()!;
  }

  async ask(path: string): Promise<{ status: number; text: string }> {
    const asked = request(`${await this.url()}${path}`, { agent: false, timeout: 5_000 }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode ?? 0, text };
  }

  async status(path: "/healthz" | "/readyz"): Promise<number> {
    return (await this.ask(path)).status;
  }

  /** The sum of a family's samples, or of those with such labels. */
  async metric(name: string, wanted: Readonly<Record<string, string>> = {}): Promise<number> {
    const family = parse((await this.ask("/metrics")).text).find((one) => one.name === name);
    const fitting = (family?.metrics ?? []).filter(({ labels = {} }) =>
      Object.entries(wanted).every(([label, value]) => labels[label] === value),
    );
    return fitting.reduce((sum, { value = "0" }) => sum + Number(value), 0);
  }

  async until(path: "/healthz" | "/readyz", status: number, timeout = 30_000): Promise<void> {
    await expect.poll(() => this.status(path), { timeout, interval: 200 }).toBe(status);
  }
}

const consumers: Consumer[] = [];
afterEach(() => {
  for (const { process } of consumers.splice(0)) process.kill("SIGKILL");
});

function start(env: Readonly<Record<string, string>>): Consumer {
  const consumer = new Consumer(env);
  consumers.push(consumer);
  return consumer;
}

async function topicWith(name: string, partitions = 2): Promise<string> {
  const topic = testTopicName(name);
  await createTopic(inject("brokers"), topic, partitions);
  return topic;
}

const load = (cluster: string) => snapshotLoad({ cluster, snapshots: 2, pods: 100, limit: 6000 });
const send = (topic: string, cluster: string) => produce(inject("brokers"), topic, load(cluster));

async function storedIn(database: DatabaseSettings): Promise<unknown> {
  await using connection = new Connection(database, "judge");
  return (await connection.query("SELECT sum(stored)::integer AS n FROM clusterflow.offsets"))[0]?.["n"];
}

describe("consume --http", () => {
  it("is ready while it consumes, and not while PostgreSQL is silent, behind or while it drains", async () => {
    await using database = await testDatabase();
    using wire = new Wire(database.settings.port);
    const port = await wire.listen();
    const topic = await topicWith("http");
    const consumer = start({
      ...kafkaEnvironment(inject("brokers"), topic),
      ...databaseEnvironment({ ...database.settings, host: "127.0.0.1", port }),
    });
    expect(await consumer.ask("/healthz")).toMatchObject({ status: 200 });
    await send(topic, "east");
    await consumer.until("/readyz", 200);
    const first = load("east").length;
    await expect.poll(() => consumer.metric("clusterflow_records_stored_total"), SOON).toBe(first);
    expect(await consumer.metric("clusterflow_partitions")).toBe(2);

    wire.isMute = true;
    await send(topic, "west");
    await consumer.until("/readyz", 503, 60_000);
    expect((await consumer.ask("/readyz")).text).toMatch(/"why":"waiting for postgresql for \d+ s"/);
    expect(await consumer.metric("clusterflow_waiting", { server: "postgresql" })).toBe(1);
    await expect
      .poll(() => consumer.metric("clusterflow_consumer_lag_offsets"), { timeout: 20_000 })
      .toBeGreaterThan(0);
    expect(await consumer.metric("clusterflow_consumer_lag_seconds")).toBeGreaterThan(0);
    expect(await consumer.status("/healthz")).toBe(200); // to wait is no reason to be restarted

    wire.cut();
    await consumer.until("/readyz", 200, 60_000);
    await expect.poll(() => consumer.metric("clusterflow_consumer_lag_offsets"), SOON).toBe(0);
    expect(await storedIn(database.settings)).toBe(first + load("west").length);
    expect(await consumer.metric("clusterflow_consumer_lag_seconds")).toBe(0);
    expect(await consumer.metric("clusterflow_retries_total", { class: "connection" })).toBeGreaterThan(0);
    // what PostgreSQL carried out in silence the process has not heard of, where Kafka gave its partition away meanwhile
    const heard = await consumer.metric("clusterflow_records_stored_total");
    await send(topic, "south");
    await expect
      .poll(() => consumer.metric("clusterflow_records_stored_total"), SOON)
      .toBe(heard + load("south").length);

    wire.isMute = true;
    await send(topic, "north");
    await delay(1_000); // a batch is on its way now, and its answer will not come
    const url = await consumer.url();
    const signalledAt = performance.now();
    consumer.process.kill("SIGTERM");
    await expect.poll(() => consumer.ask("/readyz").then(({ text }) => text), SOON).toContain("stopping");
    expect(await consumer.status("/readyz")).toBe(503);
    expect(await consumer.status("/healthz")).toBe(200);
    await consumer.ended;
    expect(performance.now() - signalledAt).toBeLessThan(20_000);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it("counts dead letters and fences, and goes on", async () => {
    await using database = await testDatabase();
    await using connection = new Connection(database.settings, "judge");
    const topic = await topicWith("http", 1);
    const consumer = start({
      ...kafkaEnvironment(inject("brokers"), topic),
      ...databaseEnvironment(database.settings),
    });
    await consumer.until("/readyz", 200);
    await produce(inject("brokers"), topic, [{ key: "k", value: "no JSON" }]);
    await expect.poll(() => consumer.metric("clusterflow_records_dead_lettered_total"), SOON).toBe(1);
    await connection.query("UPDATE clusterflow.offsets SET epoch = epoch + 1");
    await send(topic, "east");
    await expect.poll(() => consumer.metric("clusterflow_fence_losses_total"), { timeout: 10_000 }).toBe(1);
    await expect
      .poll(() => consumer.metric("clusterflow_records_stored_total"), SOON)
      .toBe(load("east").length);
    expect(await consumer.metric("clusterflow_paused_seconds_total", { why: "fenced" })).toBeGreaterThan(0.5);
    expect(await consumer.metric("clusterflow_last_stored_timestamp_seconds")).toBeGreaterThan(1.7e9);
    consumer.process.kill("SIGTERM");
    expect(await consumer.ended).toBe(0);
  });

  it("goes on consuming whatever its HTTP clients do", async () => {
    await using database = await testDatabase();
    const topic = await topicWith("http");
    const consumer = start({
      ...kafkaEnvironment(inject("brokers"), topic),
      ...databaseEnvironment(database.settings),
    });
    await consumer.until("/readyz", 200);
    const { port } = new URL(await consumer.url());
    const sockets: Socket[] = Array.from({ length: 1_000 }, (_, n) => {
      const socket = connect(Number(port), "127.0.0.1").on("error", () => undefined);
      if (n % 3 === 0) socket.write("GET /metrics HTTP/1.1\r\nHost:");
      if (n % 3 === 1) socket.write(`GET /metrics HTTP/1.1\r\nX: ${"x".repeat(64 * 1024)}`);
      return socket;
    });
    await send(topic, "east");
    await expect.poll(() => storedIn(database.settings), { timeout: 5_000 }).toBe(load("east").length);
    expect(sockets.some((socket) => !socket.closed)).toBe(true); // they were there all the time
    await expect
      .poll(() => consumer.status("/readyz").catch(() => 0), { timeout: 15_000, interval: 500 })
      .toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it("does not start where another one listens, and says so", async () => {
    await using database = await testDatabase();
    const topic = await topicWith("http");
    const env = { ...kafkaEnvironment(inject("brokers"), topic), ...databaseEnvironment(database.settings) };
    const first = start(env);
    const { port } = new URL(await first.url());
    const second = await runCli(["consume"], { env: { ...env, CLUSTERFLOW_HTTP: port } });
    expect(second.status).toBe(2);
    expect(second.stderr).toContain(`--http 127.0.0.1:${port}: another program listens there already`);
    expect(second.stderr).toContain("clusterflow consume --http 0");
    expect(await first.status("/healthz")).toBe(200);
  });

  it("is neither alive nor ready when Kafka answers everything but fetches, until the consumer built anew fetches", async () => {
    await using database = await testDatabase();
    using wire = new KafkaWire(inject("brokers")[0]!);
    const brokers = [await wire.listen()];
    const topic = await topicWith("http");
    const consumer = start({
      ...kafkaEnvironment(brokers, topic),
      ...databaseEnvironment(database.settings),
    });
    await consumer.until("/readyz", 200);
    wire.swallowsFetches = true;
    await send(topic, "east");
    await consumer.until("/healthz", 503, 40_000);
    expect((await consumer.ask("/healthz")).text).toMatch(/"why":"no fetch was answered for \d+ s"/);
    expect(await consumer.status("/readyz")).toBe(503);
    await expect
      .poll(() => consumer.metric("clusterflow_consumer_rebuilds_total", { why: "stalled" }), {
        timeout: 30_000,
      })
      .toBe(1);
    expect((await consumer.ask("/healthz")).text).toContain("since the consumer was built anew");
    expect(await consumer.metric("clusterflow_consumer_lag_offsets")).toBeGreaterThan(0);
    wire.swallowsFetches = false;
    await consumer.until("/healthz", 200, 60_000);
    await consumer.until("/readyz", 200);
    await expect
      .poll(() => consumer.metric("clusterflow_records_stored_total"), SOON)
      .toBe(load("east").length);
    expect(wire.swallowed).toBeGreaterThan(0);
  });
});
