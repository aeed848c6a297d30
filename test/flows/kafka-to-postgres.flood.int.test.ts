import { expect, inject, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, kafkaEnvironment, runCli } from "../support/cli.ts";
import { createTopic, produce, snapshotLoad } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

it("stops at a topic of something else with a next step that works, and takes all of it when it is told to", async () => {
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "judge");
  const topic = testTopicName("orders");
  await createTopic(inject("brokers"), topic, 1);
  const load = snapshotLoad({ cluster: "east", snapshots: 1, pods: 5, limit: 6000 });
  const orders = Array.from({ length: 700 }, (_, n) => ({ key: null, value: `order ${n}` }));
  await produce(inject("brokers"), topic, [...load, ...orders]);
  const env = { ...kafkaEnvironment(inject("brokers"), topic), ...databaseEnvironment(database.settings) };

  const stopped = await runCli(["consume", "--until-end"], { env });
  expect(stopped.status).toBe(4);
  expect(stopped.stderr).toContain(`100 records in a row of topic "${topic}" cannot be read, the last one: `);
  const [, look, pass] =
    /next: .*\? (SELECT [^;]*); (?:npx )?clusterflow (.*) lets/.exec(stopped.stderr) ?? [];
  expect(await connection.query(look!)).toHaveLength(10);
  const count = "SELECT count(*)::integer AS n FROM clusterflow.dead_letters";
  expect(await connection.query(count)).toEqual([{ n: 100 }]);

  const passed = await runCli([...pass!.split(" "), "--until-end"], { env });
  expect(passed.status, passed.stderr).toBe(0);
  expect(passed.stdout).toContain("600 dead-lettered");
  expect(await connection.query(count)).toEqual([{ n: 700 }]);
  expect((await runCli(["verify"], { env })).status).toBe(0);
});
