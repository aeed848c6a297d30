import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, kafkaEnvironment, runCli, startCli } from "../support/cli.ts";
import { dice } from "../support/dice.ts";
import { createTopic, produce, snapshotLoad } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

const KILLS = Number(process.env["KILLS"] ?? 10);
const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);

it(
  `loses and doubles nothing when it is killed ${KILLS} times under load (seed ${SEED})`,
  { timeout: 600_000 },
  async () => {
    const random = dice(SEED);
    await using database = await testDatabase();
    await using connection = new Connection(database.settings, "judge");
    const topic = testTopicName("kill");
    await createTopic(inject("brokers"), topic, 3);
    const perCluster = Math.ceil(KILLS * 1.5);
    const load = ["east", "west", "north"].map((cluster) =>
      snapshotLoad({ cluster, snapshots: perCluster, pods: 150, limit: 6000 }),
    );
    const env = { ...kafkaEnvironment(inject("brokers"), topic), ...databaseEnvironment(database.settings) };

    const position = async (): Promise<number> => {
      try {
        const [row] = await connection.query(
          "SELECT coalesce(sum(stored), 0)::integer AS n FROM clusterflow.offsets",
        );
        return Number(row?.["n"]);
      } catch {
        return 0; // the first consumer has not made the tables yet
      }
    };
    let killedWhileMoving = 0;
    const size = Math.ceil(load[0]!.length / KILLS);
    for (let kill = 0; kill < KILLS; kill += 1) {
      for (const messages of load)
        await produce(inject("brokers"), topic, messages.slice(kill * size, (kill + 1) * size));
      const before = await position();
      const consumer = startCli(["consume"], { env });
      consumer.stdout?.resume();
      consumer.stderr?.resume();
      const ended = once(consumer, "exit");
      while ((await position()) === before && consumer.exitCode === null) await delay(5);
      await delay(random() * 120);
      consumer.kill("SIGKILL");
      await ended;
      if ((await position()) > before) killedWhileMoving += 1;
    }
    expect(killedWhileMoving).toBe(KILLS); // a fault that was not seen makes the run void

    const last = await runCli(["consume", "--until-end", "-o", "json"], { env });
    expect(last.status, last.stderr).toBe(0);
    const total = load.flat().length;
    expect(
      await connection.query(
        "SELECT sum(next_offset - first_offset)::integer AS range, sum(stored)::integer AS stored, sum(dead_lettered)::integer AS dead FROM clusterflow.offsets",
      ),
    ).toEqual([{ range: total, stored: total, dead: 0 }]);
    expect(
      await connection.query("SELECT status, count(*)::integer AS n FROM clusterflow.snapshots GROUP BY 1"),
    ).toEqual([{ status: "applied", n: 3 * perCluster }]);
    const proof = await runCli(["verify", "--all", "-o", "json"], { env });
    expect(proof.status, proof.stdout + proof.stderr).toBe(0);
  },
);
