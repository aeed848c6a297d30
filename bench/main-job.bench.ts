import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import postgres from "postgres";
import { expect, inject, it } from "vitest";
import type { DatabaseSettings } from "../src/config/parts.ts";
import { databaseEnvironment, kafkaEnvironment } from "../test/support/cli.ts";
import { createTopic, produce, snapshotLoad } from "../test/support/produce.ts";
import { testDatabase, testTopicName } from "../test/support/servers.ts";
import { simulatedCluster } from "../test/support/simulated-cluster.ts";
import { measureCli, median, report } from "./measure/cli.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 3);

function connect({ host, port, database, user, password }: DatabaseSettings): postgres.Sql {
  return postgres({
    host,
    port,
    database,
    username: user,
    password: password ?? "",
    max: 1,
    onnotice: () => undefined,
  });
}

it("stores a topic's objects end to end, against COPY of the same rows", async () => {
  const brokers = inject("brokers");
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await using database = await testDatabase();
    const topic = testTopicName("bench");
    await createTopic(brokers, topic, 3);
    const messages = ["a", "b", "c"].flatMap((cluster) =>
      snapshotLoad({ cluster, snapshots: 1, pods: 20_000, limit: 1_000_000 }),
    );
    await produce(brokers, topic, messages);
    const env = { ...kafkaEnvironment(brokers, topic), ...databaseEnvironment(database.settings) };
    await measureCli(["migrate"], { env });
    const run = await measureCli(["consume", "--until-end"], { env });
    const { seconds: copied, rows } = await copyVersions(database.settings);
    expect(rows).toBe(60_000);
    const rate = 60_000 / run.seconds;
    ratios.push(copied / run.seconds);
    report(
      `consume: ${messages.length} messages, 60000 objects in ${run.seconds.toFixed(2)} s (${Math.round(rate)}/s, start included, peak ${Math.round(run.peakMegabytes)} MB); ` +
        `COPY of the same rows ${copied.toFixed(2)} s; ratio ${(copied / run.seconds).toFixed(2)}`,
    );
  }
  report(`consume / COPY: median ratio ${median(ratios).toFixed(2)} of ${ROUNDS}`);
});

/** The stored versions copied out into this process and in again, into a table without an index. */
async function copyVersions(
  settings: DatabaseSettings,
): Promise<{ readonly seconds: number; readonly rows: number }> {
  const sql = connect(settings);
  await sql.unsafe("CREATE TABLE public.copied (LIKE clusterflow.object_versions)");
  const source = await sql.unsafe("COPY clusterflow.object_versions TO STDOUT").readable();
  const chunks: Buffer[] = [];
  source.on("data", (chunk: Buffer) => chunks.push(chunk));
  await finished(source);
  const begun = performance.now();
  const target = await sql.unsafe("COPY public.copied FROM STDIN").writable();
  await pipeline(Readable.from(chunks), target);
  const seconds = (performance.now() - begun) / 1000;
  const [row] = await sql.unsafe<[{ n: number }]>("SELECT count(*)::integer AS n FROM public.copied");
  await sql.end();
  return { seconds, rows: row.n };
}

it.each([20_000, 60_000])(
  "stores two snapshots of %i objects, of which two in seven changed",
  async (pods) => {
    const brokers = inject("brokers");
    await using database = await testDatabase();
    const topic = testTopicName("second");
    await createTopic(brokers, topic, 3);
    await produce(brokers, topic, snapshotLoad({ cluster: "a", snapshots: 2, pods, limit: 1_000_000 }));
    const env = { ...kafkaEnvironment(brokers, topic), ...databaseEnvironment(database.settings) };
    await measureCli(["migrate"], { env });
    const run = await measureCli(["consume", "--until-end"], { env });
    const { seconds: copied, rows } = await copyVersions(database.settings);
    report(
      `two snapshots of ${pods} objects: ${run.seconds.toFixed(2)} s (${Math.round((2 * pods) / run.seconds)}/s, peak ${Math.round(run.peakMegabytes)} MB); ` +
        `COPY of their ${rows} versions ${copied.toFixed(2)} s; ratio ${(copied / run.seconds).toFixed(2)}`,
    );
  },
);

// both long enough for the heap to have grown to what it needs
it("keeps its memory whatever the backlog", async () => {
  const brokers = inject("brokers");
  const peaks: number[] = [];
  for (const snapshots of [8, 32]) {
    await using database = await testDatabase();
    const topic = testTopicName("backlog");
    await createTopic(brokers, topic, 3);
    const load = ["a", "b", "c"].flatMap((cluster) =>
      snapshotLoad({ cluster, snapshots, pods: 5000, limit: 1_000_000 }),
    );
    await produce(brokers, topic, load);
    const env = { ...kafkaEnvironment(brokers, topic), ...databaseEnvironment(database.settings) };
    const megabytes = load.reduce((sum, { value }) => sum + value.length, 0) / 1e6;
    const run = await measureCli(["consume", "--until-end"], { env });
    peaks.push(run.peakMegabytes);
    report(
      `backlog of ${Math.round(megabytes)} MB: ${run.seconds.toFixed(1)} s, peak ${Math.round(run.peakMegabytes)} MB`,
    );
  }
  report(`memory at four times the backlog: ${(peaks[1]! / peaks[0]!).toFixed(2)} x`);
});

it("collects 10,000 objects", async () => {
  await using cluster = await simulatedCluster(["--objects", "10000", "--seed", "1"]);
  const brokers = inject("brokers");
  for (let round = 0; round < ROUNDS; round += 1) {
    const env = {
      ...kafkaEnvironment(brokers, testTopicName("collect")),
      CLUSTERFLOW_KUBE_SERVER: cluster.url,
    };
    const run = await measureCli(["collect"], { env });
    report(
      `collect 10,000 objects into Kafka: ${run.seconds.toFixed(2)} s, peak ${Math.round(run.peakMegabytes)} MB`,
    );
  }
});

it("answers --help", async () => {
  const times: number[] = [];
  for (let round = 0; round < 9; round += 1) times.push((await measureCli(["--help"], {})).seconds);
  const bare: number[] = [];
  for (let round = 0; round < 9; round += 1)
    bare.push((await measureCli(["--help"], { nodeArguments: ["--version"] })).seconds);
  report(
    `clusterflow --help: median ${Math.round(median(times) * 1000)} ms; node --version ${Math.round(median(bare) * 1000)} ms`,
  );
});
