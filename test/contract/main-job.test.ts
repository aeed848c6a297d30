import { expect, inject, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, kafkaEnvironment, runCli, temporaryFolder } from "../support/cli.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

/** The whole street from a real kube-apiserver, as people run it: a kubeconfig, four commands. */
it("brings a real cluster through Kafka into PostgreSQL, proven", { timeout: 180_000 }, async () => {
  const { url, tokens, certificates } = inject("kubeApiServer");
  await using folder = await temporaryFolder();
  await using database = await testDatabase();
  const kubeconfig = await folder.write(
    "kubeconfig",
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "partial",
      clusters: [{ name: "t", cluster: { server: url, "certificate-authority": certificates.serverCa } }],
      users: [{ name: "partial", user: { token: tokens.partial } }],
      contexts: [{ name: "partial", context: { cluster: "t", user: "partial" } }],
    }),
  );
  const kafka = kafkaEnvironment(inject("brokers"), testTopicName("contract"));
  const consumer = { ...kafka, ...databaseEnvironment(database.settings) };

  const collected = await runCli(["collect", "-o", "json"], { env: { ...kafka, KUBECONFIG: kubeconfig } });
  expect(collected.status, collected.stderr).toBe(0);
  const consumed = await runCli(["consume", "--until-end"], { env: consumer });
  expect(consumed.status, consumed.stderr).toBe(0);
  const proof = await runCli(["verify"], { env: consumer });
  expect(proof.status, proof.stdout + proof.stderr).toBe(0);
  expect(proof.stdout).toContain("0 lost, 0 double");

  await using connection = new Connection(database.settings, "test");
  const health = "SELECT resource, status FROM clusterflow.snapshot_health WHERE status <> 'complete'";
  expect(await connection.query(health)).toEqual([{ resource: "secrets", status: "forbidden" }]);
  const pods = await connection.query("SELECT name, data->>'phase' AS phase FROM pods");
  expect(pods.length).toBeGreaterThan(0);
  const [snapshot] = await connection.query("SELECT consistency, revision FROM cluster_snapshots");
  expect(snapshot).toEqual({ consistency: "cut", revision: expect.stringMatching(/^\d+$/) as string });
});
