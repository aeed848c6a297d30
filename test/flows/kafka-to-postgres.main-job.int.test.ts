import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, kafkaEnvironment, runCli, temporaryFolder } from "../support/cli.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";
import { simulatedCluster } from "../support/simulated-cluster.ts";

/** The commands as people run them, on real servers, each a process of its own. */
let database: Awaited<ReturnType<typeof testDatabase>>;
let cluster: Awaited<ReturnType<typeof simulatedCluster>>;
let connection: Connection;
const topic = testTopicName("main-job");
const kafka = kafkaEnvironment(inject("brokers"), topic);

beforeAll(async () => {
  database = await testDatabase();
  cluster = await simulatedCluster(["--objects", "600", "--seed", "1"]);
  connection = new Connection(database.settings, "test");
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function count(): Promise<unknown> {
  const sql = "SELECT to_regclass('public.cluster_snapshots') IS NOT NULL AS there";
  if ((await connection.query(sql))[0]?.["there"] !== true) return 0;
  return (await connection.query("SELECT count(*)::integer AS n FROM cluster_snapshots"))[0]?.["n"];
}
const collectorEnv = (): Record<string, string> => ({ ...kafka, CLUSTERFLOW_KUBE_SERVER: cluster.url });
const consumerEnv = (): Record<string, string> => ({ ...kafka, ...databaseEnvironment(database.settings) });

describe("mode hybrid-kafka", () => {
  it("leaves the database alone while collecting, adds one snapshot by consuming, and is proven", async () => {
    const collected = await runCli(["collect", "-o", "json"], { env: collectorEnv() });
    expect(collected, collected.stderr).toMatchObject({ status: 0 });
    expect(await count()).toBe(0);
    const early = await runCli(["verify"], { env: consumerEnv() });
    expect(early.status, early.stdout + early.stderr).toBe(8);
    const consumed = await runCli(["consume", "--until-end", "-o", "json"], { env: consumerEnv() });
    expect(consumed, consumed.stderr).toMatchObject({ status: 0 });
    expect(await count()).toBe(1);
    const proof = await runCli(["verify", "-o", "json"], { env: consumerEnv() });
    expect(proof.status, proof.stdout + proof.stderr).toBe(0);
    const { snapshots } = JSON.parse(collected.stdout) as { snapshots: { manifest: { objects: number } }[] };
    const stored = await connection.query("SELECT objects FROM cluster_snapshots");
    expect(stored).toEqual([{ objects: snapshots[0]!.manifest.objects }]);
  });

  it.each([
    ["consuming again", ["consume", "--until-end"]],
    ["a replay from the beginning", ["consume", "--until-end", "--from", "earliest"]],
    ["another group", ["consume", "--until-end", "--group", "others"]],
  ])("changes nothing by %s", async (_, words) => {
    const everything =
      "SELECT v.id, v.hash, v.from_seq, v.to_seq FROM clusterflow.object_versions v ORDER BY id";
    const before = await connection.query(everything);
    expect(before.length).toBeGreaterThan(500);
    const consumed = await runCli(words, { env: consumerEnv() });
    expect(consumed, consumed.stderr).toMatchObject({ status: 0 });
    expect(await count()).toBe(1);
    expect(await connection.query(everything)).toEqual(before);
    expect((await runCli(["verify"], { env: consumerEnv() })).status).toBe(0);
  });

  it("answers the questions that people ask", async () => {
    const ask = async (sql: string): Promise<number> => (await connection.query(sql)).length;
    const now = "snapshot_id = (SELECT max(id) FROM cluster_snapshots)";
    expect(await ask(`SELECT namespace, count(*) FROM pods WHERE ${now} GROUP BY 1`)).toBeGreaterThan(1);
    expect(
      await ask(`SELECT node_name, count(*) FROM pods WHERE ${now} AND node_name <> '' GROUP BY 1`),
    ).toBeGreaterThan(1);
    expect(
      await ask(
        `SELECT DISTINCT c->>'image' FROM pods, jsonb_array_elements(data->'container_statuses') c WHERE ${now}`,
      ),
    ).toBeGreaterThan(1);
    expect(
      await ask(`SELECT name FROM persistent_volume_claims WHERE ${now} AND status <> 'Bound'`),
    ).toBeGreaterThan(0);
    expect(
      await ask(
        `SELECT name FROM pods p JOIN deployments d USING (namespace, snapshot_id) WHERE d.name = p.deployment_name AND ${now.replace("snapshot_id", "p.snapshot_id")}`.replace(
          "SELECT name",
          "SELECT p.name",
        ),
      ),
    ).toBeGreaterThan(1);
  });
});

/** A socket at a database's address that counts who comes. */
async function tripWire(): Promise<{ readonly port: number; readonly visits: () => number } & Disposable> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    visits: () => visits,
    [Symbol.dispose]: () => server.close(),
  };
}

describe("a collector in Kafka mode has no database", () => {
  const names = ["DATABASE_URL", "DB_HOST", "DATABASE_PASSWORD", "POSTGRES_DB"];

  it("refuses every database variable by its name and where it stands", async () => {
    await using folder = await temporaryFolder();
    const file = await folder.write("collector.env", "export KAFKA_ENABLED=true\nexport DB_HOST=somewhere\n");
    const words = ["collect", "--env-file", file];
    const env = { CLUSTERFLOW_KUBE_SERVER: cluster.url, DATABASE_URL: "postgresql://u:hunter2@127.0.0.1/x" };
    const { status, stderr } = await runCli(words, { env });
    expect(status, stderr).toBe(2);
    expect(stderr).toMatch(/DATABASE_URL in the environment/);
    expect(stderr).toMatch(/DB_HOST in .*collector\.env, line 2/);
    expect(stderr).toContain("--allow-database-env");
    expect(stderr).not.toContain("hunter2");
  });

  it("neither connects to it nor loads its driver when it is allowed to start", async () => {
    using wire = await tripWire();
    const address = `postgresql://u:p@127.0.0.1:${wire.port}/x`;
    const env = {
      ...collectorEnv(),
      ...Object.fromEntries(names.map((name) => [name, name === "DATABASE_URL" ? address : "127.0.0.1"])),
      PGHOST: "127.0.0.1",
      PGPORT: String(wire.port),
      NODE_DEBUG: "esm",
    };
    const allowed = await runCli(["collect", "--allow-database-env"], { env });
    expect(allowed.status, allowed.stderr.slice(-2000)).toBe(0);
    expect(wire.visits()).toBe(0);
    const direct = await runCli(["collect", "--mode", "legacy", "--give-up-after", "1s"], {
      env: { CLUSTERFLOW_KUBE_SERVER: cluster.url, DATABASE_URL: address },
    });
    expect(direct.status, direct.stderr).toBe(3);
    expect(wire.visits()).toBeGreaterThan(0); // the wire has a bell
  });

  it.each([
    ["hybrid-kafka", "kafkajs", "postgres"],
    ["legacy", "postgres", "kafkajs"],
  ])("in mode %s Node loads %s and not %s", async (mode, loaded, absent) => {
    await using folder = await temporaryFolder();
    const log = await folder.write("loads.txt", "");
    const hooks = await folder.write(
      "hooks.mjs",
      `import { appendFileSync } from "node:fs";
       export async function resolve(specifier, context, next) { appendFileSync(${JSON.stringify(log)}, specifier + "\\n"); return next(specifier, context); }`,
    );
    const register = await folder.write(
      "register.mjs",
      `import { register } from "node:module"; register(${JSON.stringify(`file://${hooks}`)});`,
    );
    const env =
      mode === "legacy"
        ? {
            KAFKA_ENABLED: "false",
            CLUSTERFLOW_KUBE_SERVER: cluster.url,
            ...databaseEnvironment(database.settings),
          }
        : collectorEnv();
    const run = await runCli(["collect"], { env, nodeArguments: ["--import", register] });
    expect(run.status, run.stderr).toBe(0);
    const { readFile } = await import("node:fs/promises");
    const loads = (await readFile(log, "utf8")).split("\n");
    expect(loads).toContain(loaded);
    expect(loads).not.toContain(absent);
  });
});

describe("mode legacy", () => {
  it("stores the same rows as the way through Kafka", async () => {
    await using other = await testDatabase();
    const env = {
      KAFKA_ENABLED: "false",
      CLUSTERFLOW_KUBE_SERVER: cluster.url,
      ...databaseEnvironment(other.settings),
    };
    const collected = await runCli(["collect"], { env });
    expect(collected.status, collected.stderr).toBe(0);
    const proof = await runCli(["verify", "--mode", "legacy"], { env });
    expect(proof.status, proof.stdout + proof.stderr).toBe(0);
    const sql =
      "SELECT resource, uid, hash FROM clusterflow.object_versions WHERE to_seq IS NULL ORDER BY 1, 2";
    await using direct = new Connection(other.settings, "test");
    expect(await direct.query(sql)).toEqual(await connection.query(sql));
  });

  it("refuses Kafka settings", async () => {
    const env = {
      KAFKA_BROKERS: "localhost:1",
      CLUSTERFLOW_KUBE_SERVER: cluster.url,
      ...databaseEnvironment(database.settings),
    };
    const { status, stderr } = await runCli(["collect", "--mode", "legacy"], { env });
    expect(status).toBe(2);
    expect(stderr).toContain("KAFKA_BROKERS in the environment");
  });
});
