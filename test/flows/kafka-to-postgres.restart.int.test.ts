import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, kafkaEnvironment, startCli } from "../support/cli.ts";
import { createTopic, produce, snapshotLoad } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

/** The group keeps a dead member's place for one session of 6 s; the rest is the start of a process. */
const BOUND_MS = 10_000;

it("stores again within 10 s when it is killed while it moves, and started anew at once", async () => {
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "judge");
  const topic = testTopicName("restart");
  await createTopic(inject("brokers"), topic, 3);
  const load = (snapshots: number) =>
    ["east", "west", "north"].flatMap((cluster) =>
      snapshotLoad({ cluster, snapshots, pods: 150, limit: 6000 }),
    );
  const env = {
    ...kafkaEnvironment(inject("brokers"), topic),
    ...databaseEnvironment(database.settings),
    KAFKA_GROUP_ID: topic,
  };
  const position = async (): Promise<number> => {
    const [row] = await connection
      .query("SELECT sum(stored)::integer AS n FROM clusterflow.offsets")
      .catch(() => [{ n: 0 }]); // the first one has not made the tables yet
    return Number(row?.["n"]);
  };
  const start = () => {
    const consumer = startCli(["consume"], { env });
    consumer.stdout?.resume();
    consumer.stderr?.resume();
    return consumer;
  };
  const first = start();
  await produce(inject("brokers"), topic, load(1));
  await expect.poll(position, { timeout: 20_000, interval: 20 }).toBeGreaterThan(0);
  await delay(3_000); // a member for some heartbeats
  const moving = await position();
  await produce(inject("brokers"), topic, load(40));
  await expect.poll(position, { timeout: 20_000, interval: 5 }).toBeGreaterThan(moving);
  const exited = once(first, "exit");
  first.kill("SIGKILL");
  await exited;
  const killedAt = performance.now();
  const second = start();
  await delay(500); // what the first one had sent is down, or never will be
  const before = await position();
  expect(before).toBeLessThan(load(1).length + load(40).length); // otherwise nothing is left to store
  try {
    await expect.poll(position, { timeout: 20_000, interval: 20 }).toBeGreaterThan(before);
    expect(performance.now() - killedAt).toBeLessThan(BOUND_MS);
  } finally {
    second.kill("SIGKILL");
  }
});
