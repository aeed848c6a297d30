import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { databaseEnvironment, runCli, startCli } from "../support/cli.ts";
import { testDatabase } from "../support/servers.ts";
import { simulatedCluster } from "../support/simulated-cluster.ts";

let cluster: Awaited<ReturnType<typeof simulatedCluster>>;
let database: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  cluster = await simulatedCluster(["--objects", "600", "--seed", "1"]);
  database = await testDatabase();
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

/** Collects every second, is stopped when the third snapshot begins; what it said, and which snapshots it called down. */
async function interrupted(words: readonly string[]) {
  const env = {
    ...{ CLUSTERFLOW_MODE: "legacy", LOG_FORMAT: "json", CLUSTERFLOW_KUBE_SERVER: cluster.url },
    ...databaseEnvironment(database.settings),
  };
  const child = startCli(["collect", "--interval", "1s", ...words], { env });
  let stdout = "";
  child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  const down: string[] = [];
  let begun = 0;
  createInterface({ input: child.stderr! }).on("line", (line) => {
    const entry = JSON.parse(line) as { readonly kind?: string; readonly snapshot: string };
    if (entry.kind === "snapshot-ended") down.push(entry.snapshot);
    if (entry.kind === "snapshot-started" && (begun += 1) === 3) child.kill("SIGINT");
  });
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, down };
}

it("lists every snapshot that was completed when a signal ends it", async () => {
  const { status, stdout, down } = await interrupted(["-o", "json"]);
  const document = JSON.parse(stdout) as {
    readonly ok: boolean;
    readonly collected: number;
    readonly snapshots: readonly { readonly manifest: { readonly snapshot: string } }[];
  };
  expect(down.length).toBeGreaterThanOrEqual(2);
  expect(document.snapshots.map(({ manifest }) => manifest.snapshot)).toEqual(down);
  expect(document.collected).toBe(down.length);
  expect([document.ok, status]).toEqual([true, 0]);
});

it("prints a line for each snapshot when it is down", async () => {
  const { stdout, down } = await interrupted([]);
  expect(down.length).toBeGreaterThanOrEqual(2);
  expect(stdout.match(/(?<=^snapshot )[\w-]+/gm)).toEqual(down);
});

it("does not collect into the topic of another stream", async () => {
  const env = { CLUSTERFLOW_MODE: "hybrid-kafka", KAFKA_BROKERS: "127.0.0.1:1", KAFKA_TOPIC: "quiz-events" };
  const { status, stderr } = await runCli(["collect"], { env });
  expect(status).toBe(2);
  expect(stderr).toContain("topic quiz-events is that of stream quiz-events: no snapshot belongs there");
});
