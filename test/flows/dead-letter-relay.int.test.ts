import { once } from "node:events";
import { afterEach, beforeEach, expect, inject, it, onTestFinished } from "vitest";
import { readRange, topicOffsets } from "../../src/kafka/reader.ts";
import type { RawRecord } from "../../src/pipeline/ports.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { databaseEnvironment, kafkaEnvironment, runCli, startCli } from "../support/cli.ts";
import { createTopic, produce } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

const brokers = inject("brokers");
let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
let topic: string;
let env: Record<string, string>;

beforeEach(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "judge");
  topic = testTopicName("orders");
  await createTopic(brokers, topic, 2);
  env = { ...kafkaEnvironment(brokers, topic), ...databaseEnvironment(database.settings) };
  env["CLUSTERFLOW_MAX_POISON"] = "0";
});
afterEach(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const bad = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({
    key: Buffer.from([0xff, n % 256]),
    value: `order ${from + n}`,
    headers: { n: String(from + n) },
  }));

async function relayed(): Promise<RawRecord[]> {
  const [name, records]: [string, RawRecord[]] = [`${topic}.dlq`, []];
  for (const { partition, low, high } of await topicOffsets({ brokers, topic: name }, name)) {
    if (low === high) continue;
    const range = { topic: name, partition, first: low, last: high - 1n };
    await readRange({ brokers, topic: name }, range, (record) => void records.push(record));
  }
  return records;
}
const header = ({ headers }: RawRecord, wanted: string): string | undefined =>
  headers.find(([name]) => name === wanted)?.[1]?.toString();
const placeOf = (record: RawRecord): string =>
  ["topic", "partition", "offset"].map((word) => header(record, `__connect.errors.${word}`)).join("/");
async function unrelayed(): Promise<unknown> {
  const sql = "SELECT count(*)::integer AS n FROM clusterflow.dead_letters WHERE relayed_at IS NULL";
  return (await connection.query(sql))[0]?.["n"];
}

it("brings what came before it was asked to, and what comes now, once, as it was, and tells where from and why", async () => {
  await produce(brokers, topic, bad(300));
  expect((await runCli(["consume", "--until-end"], { env })).status).toBe(0);
  await produce(brokers, topic, bad(50, 300));
  const words = ["consume", "--until-end", "--dlq-topic", `${topic}.dlq`];
  const consumed = await runCli(words, { env });
  expect(consumed.status, consumed.stderr).toBe(0);
  expect(await unrelayed()).toBe(0);
  const found = await relayed();
  expect(found.map(({ value }) => value!.toString()).toSorted()).toEqual(
    bad(350)
      .map(({ value }) => value)
      .toSorted(),
  );
  const first = found.find(({ value }) => value!.toString() === "order 7")!;
  expect(first.key).toEqual(Buffer.from([0xff, 7]));
  expect(header(first, "n")).toBe("7");
  expect(placeOf(first)).toMatch(new RegExp(`^${topic}/[01]/\\d+$`));
  expect(header(first, "__connect.errors.exception.message")).toMatch(/JSON/);
  expect(new Set(found.map(placeOf)).size).toBe(350);
  await runCli(words, { env });
  expect(await relayed()).toHaveLength(350);
});

it("is shared by two members, without a record that both relay", async () => {
  await produce(brokers, topic, bad(2_000));
  expect((await runCli(["consume", "--until-end"], { env })).status).toBe(0);
  const members = [0, 1].map(() => startCli(["consume", "--dlq-topic", `${topic}.dlq`], { env }));
  const ends = members.map((member) => once(member, "exit"));
  const said = ["", ""];
  for (const [index, member] of members.entries())
    member.stderr?.on("data", (bytes: Buffer) => (said[index] = `${said[index] ?? ""}${bytes.toString()}`));
  try {
    await expect.poll(unrelayed, { timeout: 30_000 }).toBe(0);
    // one may have relayed everything while the other was still being born
    await expect.poll(() => said.every((text) => text.includes("holding")), { timeout: 30_000 }).toBe(true);
  } finally {
    for (const member of members) member.kill("SIGTERM");
  }
  expect((await Promise.all(ends)).map(([status]) => status as number)).toEqual([0, 0]);
  const places = (await relayed()).map(placeOf);
  expect(places).toHaveLength(2_000);
  expect(new Set(places).size).toBe(2_000);
});

it("waits for a topic that takes nothing, while records are consumed, and ends within ten seconds", async () => {
  const keyless = (from: number) => bad(20, from).map((message) => ({ ...message, key: null }));
  await produce(brokers, topic, keyless(0));
  await createTopic(brokers, `${topic}.dlq`, 1, { "cleanup.policy": "compact" }); // takes only what has a key
  const member = startCli(["consume", "--dlq-topic", `${topic}.dlq`], { env });
  onTestFinished(() => void member.kill("SIGKILL"));
  const ended = once(member, "exit");
  let said = "";
  member.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  await expect
    .poll(() => said, { timeout: 60_000 })
    .toMatch(/WARN the relay of dead letters to topic ".*" waits/);
  await produce(brokers, topic, keyless(20));
  await expect.poll(unrelayed, { timeout: 20_000 }).toBe(40);
  member.kill("SIGTERM");
  const begun = Date.now();
  expect((await ended)[0]).toBe(0);
  expect(Date.now() - begun).toBeLessThan(10_000);
  expect(said).toContain("not all dead letters came to topic");
  expect(said.match(/waits:/g)).toHaveLength(1);
});
