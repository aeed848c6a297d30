import kafkajs from "kafkajs";
import { compress } from "snappyjs";
import { expect, inject, it } from "vitest";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, kafkaEnvironment, runCli } from "../support/cli.ts";
import { createTopic, plainKafka, produce } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

/** What k8s-cluster-info-collector sends: one message a snapshot, no key, no headers, snappy blocks without framing. */
async function sendAsItsProducerDoes(
  brokers: readonly string[],
  topic: string,
  bodies: readonly string[],
): Promise<void> {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(Buffer.from(compress(buffer))),
    decompress: () => Promise.reject(new Error("not used")),
  });
  const producer = plainKafka(brokers).producer();
  await producer.connect();
  for (const value of bodies) {
    await producer.send({
      topic,
      acks: -1,
      compression: CompressionTypes.Snappy,
      messages: [{ key: null, value }],
    });
  }
  await producer.disconnect();
}

const created_time = "2025-07-14T10:00:00.123456789+02:00";

function podBody(n: number): object {
  return {
    name: `web-${n}`,
    namespace: `team-${n % 5}`,
    deployment_name: "web",
    created_time,
    phase: n % 50 === 0 ? "Pending" : "Running",
    node_name: `node-${n % 4}`,
    pod_ip: "10.0.0.1",
    host_ip: "10.1.0.1",
    restart_count: n % 3,
    cpu_request: "100m",
    cpu_limit: "",
    memory_request: "128Mi",
    memory_limit: "",
    storage_request: "",
    labels: { app: "web", note: "x".repeat(300) },
    annotations: null,
    container_statuses: [
      { name: "c", ready: true, restart_count: 0, image: `registry/web:${n % 3}`, state: "running" },
    ],
  };
}

/** Go writes empty slices and maps as null. */
function snapshotBody(timestamp: string, pods: number): string {
  return JSON.stringify({
    timestamp,
    deployments: [
      {
        name: "web",
        namespace: "team-1",
        created_time,
        replicas: 3,
        ready_replicas: 2,
        updated_replicas: 3,
        conditions: null,
        labels: null,
        annotations: null,
      },
    ],
    pods: Array.from({ length: pods }, (_, n) => podBody(n)),
    nodes: [
      {
        name: "node-1",
        created_time,
        ready: true,
        cpu_capacity: "4",
        memory_capacity: "8Gi",
        storage_capacity: "",
        cpu_allocatable: "4",
        memory_allocatable: "8Gi",
        storage_allocatable: "",
        os_image: "Debian",
        kernel_version: "6",
        kubelet_version: "v1.28",
        labels: null,
        annotations: null,
      },
    ],
    services: null,
    ingresses: null,
    configmaps: [
      {
        name: "cm",
        namespace: "team-1",
        created_time,
        data: { password: "CANARY-VALUE" },
        labels: null,
        annotations: null,
      },
    ],
    secrets: [
      {
        name: "s",
        namespace: "team-1",
        created_time,
        type: "Opaque",
        data_keys: ["a", "b"],
        labels: null,
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "CANARY-VALUE" },
      },
    ],
    persistent_volumes: null,
    persistent_volume_claims: [
      {
        name: "claim",
        namespace: "team-1",
        created_time,
        requested_size: "1Gi",
        access_modes: ["ReadWriteOnce"],
        volume_mode: "Filesystem",
        status: "Pending",
        labels: null,
        annotations: null,
      },
    ],
  });
}

it(
  "stores the single-message form of k8s-cluster-info-collector in the same tables, once",
  { timeout: 120_000 },
  async () => {
    await using database = await testDatabase();
    await using connection = new Connection(database.settings, "test");
    const topic = testTopicName("collector-form");
    await createTopic(inject("brokers"), topic, 1);
    const large = snapshotBody("2025-07-14T12:00:00.5+02:00", 6000);
    expect(large.length).toBeGreaterThan(4_000_000);
    const next = snapshotBody("2025-07-14T12:05:00.5+02:00", 10);
    await sendAsItsProducerDoes(inject("brokers"), topic, [large, large, next]);
    const env = { ...kafkaEnvironment(inject("brokers"), topic), ...databaseEnvironment(database.settings) };
    const consumed = await runCli(["consume", "--until-end"], { env });
    expect(consumed.status, consumed.stderr).toBe(0);

    const rows = (sql: string): Promise<readonly unknown[]> => connection.query(sql);
    expect(await rows(`SELECT "timestamp", objects FROM cluster_snapshots ORDER BY id`)).toEqual([
      { timestamp: new Date("2025-07-14T10:00:00.500Z"), objects: 6005 },
      { timestamp: new Date("2025-07-14T10:05:00.500Z"), objects: 15 },
    ]);
    const first = "snapshot_id = (SELECT min(id) FROM cluster_snapshots)";
    expect(
      await rows(`SELECT namespace, count(*)::integer AS n FROM pods WHERE ${first} GROUP BY 1 ORDER BY 1`),
    ).toEqual([0, 1, 2, 3, 4].map((n) => ({ namespace: `team-${n}`, n: 1200 })));
    const images = `SELECT DISTINCT c->>'image' AS image FROM pods, jsonb_array_elements(data->'container_statuses') c WHERE ${first} ORDER BY 1`;
    expect(await rows(images)).toEqual([0, 1, 2].map((n) => ({ image: `registry/web:${n}` })));
    expect(
      await rows(`SELECT node_name, count(*)::integer AS n FROM pods WHERE ${first} GROUP BY 1 ORDER BY 1`),
    ).toEqual([0, 1, 2, 3].map((n) => ({ node_name: `node-${n}`, n: 1500 })));
    expect(
      await rows(
        `SELECT name, requested_size, to_jsonb(access_modes) AS access_modes FROM persistent_volume_claims WHERE status = 'Pending' AND ${first}`,
      ),
    ).toEqual([{ name: "claim", requested_size: "1Gi", access_modes: ["ReadWriteOnce"] }]);
    expect(
      await rows(`SELECT name, replicas, ready_replicas, updated_replicas FROM deployments WHERE ${first}`),
    ).toEqual([{ name: "web", replicas: 3, ready_replicas: 2, updated_replicas: 3 }]);
    expect(
      await rows(
        `SELECT to_jsonb(data_keys) AS data_keys FROM configmaps WHERE ${first} UNION ALL SELECT to_jsonb(data_keys) FROM secrets WHERE ${first}`,
      ),
    ).toEqual([{ data_keys: ["password"] }, { data_keys: ["a", "b"] }]);
    expect(await rows("SELECT 1 FROM clusterflow.object_versions v WHERE v::text LIKE '%CANARY%'")).toEqual(
      [],
    );
    const proof = await runCli(["verify"], { env });
    expect(proof.status, proof.stdout + proof.stderr).toBe(0);
  },
);

it(
  "stores every snapshot of a backlog that lies in all partitions, in whatever order it comes, once",
  { timeout: 120_000 },
  async () => {
    await using database = await testDatabase();
    await using connection = new Connection(database.settings, "test");
    const topic = testTopicName("collector-form");
    await createTopic(inject("brokers"), topic, 3);
    const minutes = Array.from({ length: 30 }, (_, n) => n);
    const bodies = minutes.map((n) => snapshotBody(`2025-07-14T12:${String(n).padStart(2, "0")}:00Z`, 3 + n));
    await produce(
      inject("brokers"),
      topic,
      [...bodies, ...bodies].map((value, n) => ({ key: null, value, partition: (n * 7 + (n >> 2)) % 3 })),
    );
    const env = { ...kafkaEnvironment(inject("brokers"), topic), ...databaseEnvironment(database.settings) };
    const consumed = await runCli(["consume", "--until-end"], { env });
    expect(consumed.status, consumed.stderr).toBe(0);
    expect(consumed.stderr).not.toContain("WARN");
    const shown = `SELECT extract(minute FROM s."timestamp")::integer AS n, count(*)::integer AS pods
      FROM cluster_snapshots s JOIN pods p ON p.snapshot_id = s.id GROUP BY s.id ORDER BY 1`;
    expect(await connection.query(shown)).toEqual(minutes.map((n) => ({ n, pods: 3 + n })));
    const proof = await runCli(["verify", "--all"], { env });
    expect(proof.status, proof.stdout + proof.stderr).toBe(0);
    expect(proof.stdout).toContain("30 sealed");
  },
);
