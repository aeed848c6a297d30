import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { existsSync, watch } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import kafkajs from "kafkajs";
import postgres from "postgres";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/core/report.ts";
import { openKafka } from "../../src/kafka/client.ts";
import { ensureTopic } from "../../src/kafka/topics.ts";
import { fetchStandings } from "../../src/kafka/watermarks.ts";
import { makeEphemeralFolder } from "../../src/local/folders.ts";
import { isRunning } from "../../src/machine/process-identity.ts";
import { defaultStackOptions } from "../../src/local/stack-options.ts";
import { stackStatus, type StackStatus } from "../../src/local/stack-status.ts";
import { startStack, type StartedStack } from "../../src/local/start-stack.ts";
import type { StackOptions } from "../../src/local/stack-options.ts";
import { readState } from "../../src/local/state.ts";
import { resetStack, stopStack } from "../../src/local/stop-stack.ts";
import { startCli } from "../support/cli.ts";
import { plainKafka } from "../support/produce.ts";
import { superuser } from "../support/servers.ts";

const silent = (): void => undefined;

/** A stack of the test's own, ended with the block whatever happened in it. */
async function ownStack(changes: Partial<StackOptions> = {}): Promise<
  {
    readonly dataDir: string;
    start(): Promise<StartedStack>;
    status(): Promise<StackStatus>;
  } & AsyncDisposable
> {
  const dataDir = await makeEphemeralFolder("clusterflow-own-");
  const options = {
    ...defaultStackOptions(process.env),
    dataDir,
    ephemeral: true,
    durable: false,
    ...changes,
  };
  return {
    dataDir,
    start: () => startStack(options, silent),
    status: async () => (await stackStatus(dataDir))!,
    [Symbol.asyncDispose]: async () => {
      await stopStack(dataDir);
    },
  };
}

function upAndDown({ servers }: StackStatus): Record<string, boolean> {
  return Object.fromEntries(servers.map(({ name, up }) => [name, up]));
}

async function kill(stack: StartedStack, name: string): Promise<void> {
  const server = stack.servers.find((each) => each.name === name)!;
  process.kill(server.pid, "SIGKILL");
  while (isRunning(server)) await delay(10);
}

function sqlOf({ database }: StartedStack): postgres.Sql {
  const { host, port, database: name, user, password } = database;
  return postgres({ host, port, database: name, user, password, max: 1 });
}

/** A new topic of three partitions has to be known everywhere as soon as its maker has it. */
async function makeTopic({ brokers }: StartedStack, name: string): Promise<void> {
  using client = openKafka({ brokers, topic: name });
  await ensureTopic(client, { name, partitions: 3, config: {} }, silent);
  expect([...(await fetchStandings(client, name)).keys()].sort()).toEqual([0, 1, 2]);
}

describe("a local stack", () => {
  it("starts, is found by a second start, comes back after kill -9 with its data, and stops without a trace", async () => {
    await using own = await ownStack();
    const first = await own.start();
    expect(first.started).toEqual(["postgres", "kafka"]);
    expect(upAndDown(await own.status())).toEqual({ postgres: true, kafka: true });

    const sql = sqlOf(first);
    const [settings] = await sql`SELECT current_user AS me, current_setting('wal_level') AS wal`;
    expect(settings).toEqual({ me: "clusterinfo", wal: "logical" });
    await sql`CREATE TABLE kept AS SELECT 42 AS answer`;
    await sql`CREATE DATABASE one_of_its_own`;
    await sql.end();

    const second = await own.start();
    expect(second.started).toEqual([]);
    expect(second.servers).toEqual(first.servers);

    await kill(first, "postgres");
    await kill(first, "kafka");
    expect(upAndDown(await own.status())).toEqual({ postgres: false, kafka: false });
    const third = await own.start();
    expect([...third.started].sort()).toEqual(["kafka", "postgres"]);
    expect({ ...third, started: [], servers: [] }).toEqual({ ...first, started: [], servers: [] });
    const again = sqlOf(third);
    expect(await again`SELECT answer FROM kept`).toEqual([{ answer: 42 }]);
    await again.end();

    const stopped = await stopStack(own.dataDir);
    expect([...stopped!.stopped].sort()).toEqual(["kafka", "postgres"]);
    expect(third.servers.map(isRunning)).toEqual([false, false]);
    expect(existsSync(own.dataDir)).toBe(false);
    expect(await stopStack(own.dataDir)).toBeNull();
  });

  it("gives the superuser a password that nobody could guess, and the developer no more than databases", async () => {
    const { host, port, user, password, database } = superuser();
    const wrong = postgres({ host, port, user, database, password: "postgres", max: 1 });
    await expect(wrong`SELECT 1`).rejects.toMatchObject({ code: "28P01" });
    await wrong.end();
    const sql = postgres({ host, port, user, database, password: password!, max: 1 });
    const roles =
      await sql`SELECT rolname, rolsuper, rolcreatedb, rolreplication FROM pg_roles WHERE rolname IN ('postgres', 'clusterinfo') ORDER BY 1`;
    await sql.end();
    expect([...roles]).toEqual([
      { rolname: "clusterinfo", rolsuper: false, rolcreatedb: true, rolreplication: true },
      { rolname: "postgres", rolsuper: true, rolcreatedb: true, rolreplication: true },
    ]);
  });

  it("replicates everything with three brokers, and takes in one that was killed", async () => {
    await using own = await ownStack({ brokers: 3 });
    const stack = await own.start();
    expect(stack.brokers).toHaveLength(3);
    // twenty at once: a broker that has not heard of a new topic yet is asked in nearly every run
    const topics = Array.from({ length: 20 }, (_, n) => `replicated-${n}`);
    await Promise.all(topics.map((name) => makeTopic(stack, name)));
    const admin = plainKafka(stack.brokers).admin();
    await admin.connect();
    const metadata = await admin.fetchTopicMetadata({ topics });
    const type = kafkajs.ConfigResourceTypes.BROKER;
    const resources = ["1", "2", "3"].map((name) => ({ type, name, configNames: ["min.insync.replicas"] }));
    const settings = await admin.describeConfigs({ includeSynonyms: false, resources });
    await admin.disconnect();
    const replicas = metadata.topics.flatMap(({ partitions }) => partitions.map((each) => each.replicas));
    expect(replicas.map((each) => [...each].sort())).toEqual(Array(60).fill([1, 2, 3]));
    const least = settings.resources.flatMap(({ configEntries }) => configEntries);
    expect(least.map(({ configValue }) => configValue)).toEqual(["2", "2", "2"]);

    await kill(stack, "kafka-2");
    expect(upAndDown(await own.status())).toMatchObject({
      "kafka-1": true,
      "kafka-2": false,
      "kafka-3": true,
    });
    const back = await own.start();
    expect(back.started).toEqual(["kafka-2"]);
    expect(back.brokers).toEqual(stack.brokers);
    expect((await own.status()).up).toBe(true);
  });

  it("serves a simulated cluster beside them, also one that is asked for later", async () => {
    await using own = await ownStack();
    await own.start();
    const options = { ...defaultStackOptions(process.env), dataDir: own.dataDir, ephemeral: true };
    const stack = await startStack({ ...options, cluster: { objects: 50, seed: 3 } }, silent);
    expect(stack.started).toEqual(["cluster"]);
    const response = await fetch(`${stack.clusterUrl!}/version`);
    expect(response.status).toBe(200);
    const other = startStack({ ...options, cluster: { objects: 60, seed: 3 } }, silent);
    await expect(other).rejects.toMatchObject({
      message: "The simulated cluster runs already, as synthetic:50:3.",
      hint: "clusterflow local stop && clusterflow local start --cluster synthetic:60:3",
    });
    expect((await own.start()).started).toEqual([]);
  });

  it("remembers its cluster over a stop, says so, and forgets it when it is told to", async () => {
    await using own = await ownStack({ ephemeral: false, cluster: { objects: 50, seed: 3 } });
    const first = await own.start();
    await stopStack(own.dataDir);
    expect(upAndDown(await own.status())).toMatchObject({ cluster: false });

    const told: Report[] = [];
    const options = { ...defaultStackOptions(process.env), dataDir: own.dataDir };
    const again = await startStack(options, (report) => told.push(report));
    expect(again.started).toContain("cluster");
    expect([again.clusterUrl, again.cluster]).toEqual([first.clusterUrl, { objects: 50, seed: 3 }]);
    expect(told).toContainEqual({
      kind: "notice",
      text: "With the simulated cluster it had before, synthetic:50:3; --cluster none leaves it out",
    });

    const without = await startStack({ ...options, cluster: "none" }, silent);
    expect([without.clusterUrl, without.cluster, without.started]).toEqual([null, null, []]);
    await expect(fetch(`${first.clusterUrl!}/version`)).rejects.toThrow();
    expect(upAndDown(await own.status())).toEqual({ postgres: true, kafka: true });
    await resetStack(own.dataDir);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    const dataDir = await makeEphemeralFolder("clusterflow-own-");
    const child = startCli(["local", "start", "--data-dir", dataDir]);
    let told = "";
    child.stderr!.on("data", (bytes: Buffer) => {
      // PostgreSQL is up, Kafka is not
      const wasReady = told.includes("PostgreSQL 18.4 is ready");
      told += bytes.toString();
      if (!wasReady && told.includes("PostgreSQL 18.4 is ready")) child.kill("SIGINT");
    });
    const [status] = (await once(child, "exit")) as [number | null];
    expect(status).toBe(130);
    expect(readState(dataDir)?.servers).toEqual([]);
    expect(existsSync(join(dataDir, "lock"))).toBe(false);
    await stopStack(dataDir);
    expect((await resetStack(dataDir))?.removed).toBe(true);
    expect(existsSync(dataDir)).toBe(false);
  });

  it("takes other ports when another program is quicker than its servers", async () => {
    await using own = await ownStack();
    const quicker = createServer();
    const watcher = watch(own.dataDir, () => {
      // the state file names the ports before any server listens there
      const port = readState(own.dataDir)?.brokers[0]?.split(":")[1];
      if (port !== undefined && !quicker.listening) quicker.listen(Number(port), "127.0.0.1");
    });
    const stack = await own.start();
    watcher.close();
    const lost = (quicker.address() as AddressInfo).port;
    expect(stack.brokers).not.toContain(`127.0.0.1:${lost}`);
    expect((await own.status()).up).toBe(true);
    quicker.close();
    await once(quicker, "close");
  });

  it("says which port is taken, and starts nothing then", async () => {
    const { port } = superuser();
    await using own = await ownStack({ ports: { postgres: port, kafka: null, cluster: null } });
    const sentence = `Port ${port} of 127.0.0.1, wanted for PostgreSQL, is taken by `;
    await expect(own.start()).rejects.toThrow(sentence);
    expect(existsSync(own.dataDir)).toBe(false);
  });
});
