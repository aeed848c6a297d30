import { expect, inject, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { databaseEnvironment, kafkaEnvironment, runCli } from "../support/cli.ts";
import { createTopic, produce, snapshotLoad } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

it("stores what was dead-lettered while a table was altered, when the topic is read again as README says", async () => {
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "judge");
  await migrate(connection);
  const topic = testTopicName("replay");
  await createTopic(inject("brokers"), topic, 1);
  const load = ["east", "west"].flatMap((cluster) =>
    snapshotLoad({ cluster, snapshots: 1, pods: 20, limit: 6000 }),
  );
  await produce(inject("brokers"), topic, load);
  const env = { ...kafkaEnvironment(inject("brokers"), topic), ...databaseEnvironment(database.settings) };
  env["CLUSTERFLOW_MAX_POISON"] = "2";
  await connection.script(
    "ALTER TABLE clusterflow.snapshots ADD CONSTRAINT narrow CHECK (cluster_id <> 'east') NOT VALID",
  );
  const waited = await runCli(["consume", "--until-end", "--give-up-after", "2s"], { env });
  expect(waited.stderr).toMatch(/WARN waiting for PostgreSQL .*: it refused 2 records in a row/);
  expect(waited.status).toBe(4);
  await connection.script("ALTER TABLE clusterflow.snapshots DROP CONSTRAINT narrow");
  const consumed = await runCli(["consume", "--until-end"], { env });
  expect(consumed.status, consumed.stderr).toBe(0);
  expect(consumed.stdout).toContain(`${load.length - 2} messages stored, 0 dead-lettered`);

  await connection.query("DELETE FROM clusterflow.dead_letters WHERE topic = $1", [topic]);
  const replayed = await runCli(["consume", "--until-end", "--from", "earliest"], { env });
  expect(replayed.stdout).toContain(`${load.length} messages stored, 0 dead-lettered`);
  const proof = await runCli(["verify"], { env });
  expect(proof.status, proof.stdout).toBe(0);
});
