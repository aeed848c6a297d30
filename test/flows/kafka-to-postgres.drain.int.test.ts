import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { openOwnBroker, type OwnBroker } from "../kafka/own-broker.ts";
import { databaseEnvironment, kafkaEnvironment, startCli } from "../support/cli.ts";
import { createTopic, plainKafka, produce, snapshotLoad } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";
import { Wire } from "../support/wire.ts";

/** From the signal to the end of the process, whatever it was doing. */
const ENDING_MS = 10_000;

let broker: OwnBroker;
let brokers: string[];
beforeAll(async () => {
  broker = await openOwnBroker();
  brokers = [broker.address];
});
afterAll(() => broker[Symbol.asyncDispose]());

/** `consume` as a process of its own, and what it says. */
class Consumer {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown[]>;
  stderr = "";

  constructor(env: Readonly<Record<string, string>>, words: readonly string[]) {
    this.process = startCli(["consume", ...words], { env });
    this.process.stdout?.resume();
    this.process.stderr?.on("data", (bytes: Buffer) => (this.stderr += bytes.toString()));
    this.exited = once(this.process, "exit");
    consumers.push(this);
  }

  async says(what: RegExp): Promise<void> {
    await expect.poll(() => this.stderr, { timeout: 40_000, interval: 20 }).toMatch(what);
  }

  /** The status, after one signal, which has to be enough. */
  async leaves(signal: NodeJS.Signals = "SIGTERM"): Promise<unknown> {
    const askedAt = performance.now();
    this.process.kill(signal);
    const [status] = await this.exited;
    expect(performance.now() - askedAt).toBeLessThan(ENDING_MS);
    return status;
  }
}

const consumers: Consumer[] = [];
afterEach(() => {
  for (const { process } of consumers.splice(0)) process.kill("SIGKILL");
});

interface World extends AsyncDisposable {
  readonly topic: string;
  readonly database: DatabaseSettings;
  readonly connection: Connection;
  /** Another way to PostgreSQL, that can be made to say nothing. */
  readonly wire: Wire;
  start(settings?: Readonly<Record<string, string>>, ...words: readonly string[]): Consumer;
  send(cluster: string): Promise<void>;
  /** Records that the ledger says are down. */
  stored(): Promise<number>;
}

async function openWorld(): Promise<World> {
  const owned = await testDatabase();
  const { settings: database } = owned;
  const connection = new Connection(database, "judge");
  const wire = new Wire(database.port);
  const port = await wire.listen();
  const topic = testTopicName("drain");
  await createTopic(brokers, topic, 2);
  const env = {
    ...kafkaEnvironment(brokers, topic),
    KAFKA_GROUP_ID: topic,
    ...databaseEnvironment({ ...database, host: "127.0.0.1", port }),
  };
  return {
    ...{ topic, database, connection, wire },
    start: (settings = {}, ...words) => new Consumer({ ...env, ...settings }, words),
    send: (cluster) =>
      produce(brokers, topic, snapshotLoad({ cluster, snapshots: 2, pods: 100, limit: 6000 })),
    async stored() {
      const [row] = await connection.query("SELECT sum(stored)::integer AS n FROM clusterflow.offsets");
      return Number(row?.["n"]);
    },
    async [Symbol.asyncDispose]() {
      wire[Symbol.dispose]();
      await connection[Symbol.asyncDispose]();
      await owned[Symbol.asyncDispose]();
    },
  };
}

const ASSIGNED = /holding \d+ partitions/;

describe.each(["SIGTERM", "SIGINT"] as const)(
  "consume leaves within 10 s of %s, with status 0,",
  (signal) => {
    it("before PostgreSQL answered", async () => {
      await using world = await openWorld();
      world.wire.isMute = true;
      const consumer = world.start();
      await expect.poll(() => world.wire.connections, { timeout: 20_000 }).toBe(1);
      expect(await consumer.leaves(signal)).toBe(0);
    });

    it("before Kafka answered", async () => {
      await using world = await openWorld();
      using kafka = new Wire(Number(broker.address.split(":")[1]));
      const address = `127.0.0.1:${await kafka.listen()}`;
      kafka.isMute = true;
      const consumer = world.start({ KAFKA_BROKERS: address });
      await expect.poll(() => kafka.connections, { timeout: 20_000 }).toBeGreaterThan(0);
      expect(await consumer.leaves(signal)).toBe(0);
    });

    it("but not where it was to come to an end and did not", async () => {
      await using world = await openWorld();
      world.wire.isMute = true;
      const consumer = world.start({}, "--until-end");
      await expect.poll(() => world.wire.connections, { timeout: 20_000 }).toBe(1);
      expect(await consumer.leaves(signal)).toBe(signal === "SIGTERM" ? 143 : 130);
    });

    it("while it waits for a member that does not join again", async () => {
      await using world = await openWorld();
      const frozen = world.start();
      await frozen.says(ASSIGNED);
      frozen.process.kill("SIGSTOP");
      const consumer = world.start();
      await expect.poll(() => stateOf(world.topic), { timeout: 20_000 }).toBe("PreparingRebalance");
      expect(await consumer.leaves(signal)).toBe(0);
    });
  },
);

describe("consume leaves within 10 s, with status 0,", () => {
  it("and the group, too, while that comes together anew", async () => {
    await using world = await openWorld();
    const [consumer, frozen] = [world.start(), world.start()];
    await Promise.all([consumer.says(ASSIGNED), frozen.says(ASSIGNED)]);
    await expect.poll(() => stateOf(world.topic), { timeout: 20_000 }).toBe("Stable");
    frozen.process.kill("SIGSTOP");
    world.start();
    await expect.poll(() => stateOf(world.topic), { timeout: 20_000 }).toBe("PreparingRebalance");
    await delay(2_000); // it has heard of that by now, and waits
    expect(await consumer.leaves()).toBe(0);
    // the one that was added and the frozen one, which alone is waited for
    expect(await describeGroup(world.topic)).toEqual({ state: "PreparingRebalance", members: 2 });
  });

  it("between two tries to reach Kafka", async () => {
    await using world = await openWorld();
    const consumer = world.start();
    await consumer.says(ASSIGNED);
    await broker.stop("SIGKILL");
    try {
      await consumer.says(/waiting for Kafka/);
      await delay(3_000);
      expect(await consumer.leaves()).toBe(0);
    } finally {
      await broker.start();
    }
  });

  it("while Kafka is frozen", async () => {
    await using world = await openWorld();
    await world.send("east");
    const consumer = world.start();
    await consumer.says(ASSIGNED);
    await delay(1_500);
    broker.signal("SIGSTOP");
    try {
      expect(await consumer.leaves()).toBe(0);
    } finally {
      broker.signal("SIGCONT");
    }
  });

  it("while PostgreSQL is frozen in the middle of a statement", async () => {
    await using world = await openWorld();
    const consumer = world.start();
    await world.send("east"); // so that each connection is open
    await expect.poll(() => world.stored(), { timeout: 20_000 }).toBeGreaterThan(0);
    const pids = await world.connection.query(
      "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'clusterflow consume%' AND datname = current_database()",
    );
    expect(pids.length).toBeGreaterThan(1);
    for (const { pid } of pids) process.kill(Number(pid), "SIGSTOP");
    const thaw = (): void => pids.forEach(({ pid }) => void process.kill(Number(pid), "SIGCONT"));
    const guard = setTimeout(thaw, 60_000); // a test that fails leaves no frozen server behind
    try {
      await world.send("east");
      await delay(1_000);
      expect(await consumer.leaves()).toBe(0);
    } finally {
      clearTimeout(guard);
      thaw();
    }
  });

  it("while nothing of PostgreSQL answers, with Kafka frozen as well", async () => {
    await using world = await openWorld();
    await world.send("east");
    const consumer = world.start();
    await consumer.says(ASSIGNED);
    world.wire.isMute = true;
    await world.send("west");
    await delay(1_000);
    broker.signal("SIGSTOP");
    try {
      expect(await consumer.leaves()).toBe(0);
    } finally {
      broker.signal("SIGCONT");
    }
  });

  it("while a statement runs for long, and what it then stores is not stored again", async () => {
    await using world = await openWorld();
    const consumer = world.start();
    await consumer.says(ASSIGNED);
    await using blocker = new Connection(world.database, "blocker");
    const blocking = blocker.script(
      "BEGIN; LOCK TABLE clusterflow.staged_objects IN EXCLUSIVE MODE; SELECT pg_sleep(14); COMMIT",
    );
    await world.send("east");
    await delay(1_000);
    expect(await consumer.leaves()).toBe(0);
    await blocking;
    const next = world.start();
    await next.says(ASSIGNED);
    const total = snapshotLoad({ cluster: "east", snapshots: 2, pods: 100, limit: 6000 }).length;
    await expect.poll(() => world.stored(), { timeout: 20_000 }).toBe(total);
    expect(await next.leaves()).toBe(0);
    expect(await world.stored()).toBe(total);
  });
});

it("a second signal ends consume at once", async () => {
  await using world = await openWorld();
  await world.send("east");
  const consumer = world.start();
  await consumer.says(ASSIGNED);
  world.wire.isMute = true;
  await world.send("west");
  await delay(1_000);
  consumer.process.kill("SIGTERM");
  await delay(300);
  const askedAt = performance.now();
  consumer.process.kill("SIGTERM");
  await consumer.exited;
  expect(performance.now() - askedAt).toBeLessThan(500);
});

async function stateOf(group: string): Promise<string> {
  return (await describeGroup(group)).state;
}

async function describeGroup(group: string): Promise<{ readonly state: string; readonly members: number }> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups([group]);
    return { state: groups[0]?.state ?? "", members: groups[0]?.members.length ?? 0 };
  } finally {
    await admin.disconnect();
  }
}
