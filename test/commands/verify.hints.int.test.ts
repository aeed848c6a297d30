import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { ConsumerSettings } from "../../src/config/consumer.ts";
import { kafkaToPostgres } from "../../src/flows/kafka-to-postgres.ts";
import { verify, type VerifyOptions } from "../../src/flows/verify.ts";
import type { CheckId } from "../../src/pipeline/proof/check.ts";
import type { Proof } from "../../src/pipeline/proof/proof.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { clusterInfo } from "../../src/streams/cluster-info/stream.ts";
import { databaseEnvironment, kafkaEnvironment, runCli } from "../support/cli.ts";
import { createTopic, produce, snapshotLoad, type ProducedMessage } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";
import { EMPTIED } from "../support/emptied.ts";

/** What `verify` says to do next is done, word by word; the proof has to hold afterwards. */
const brokers = inject("brokers");
const run = { tell: () => undefined, signal: new AbortController().signal, environment: {} };
let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
let settings: ConsumerSettings;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  connection = new Connection(database.settings, "test");
  await connection.script(EMPTIED);
  const topic = testTopicName("hints");
  await createTopic(brokers, topic, 2);
  settings = {
    kafka: { brokers, topic },
    database: database.settings,
    group: "g",
    deadLetters: { maxInARow: 100, topic: null },
    http: null,
  };
});
afterEach(async () => {
  await connection[Symbol.asyncDispose]();
});

const proofOf = (options: VerifyOptions = {}): Promise<Proof> => verify(settings, options, run);
const failing = ({ checks }: Proof): readonly CheckId[] =>
  checks.filter(({ status }) => status === "failed").map(({ id }) => id);
const detailOf = ({ checks }: Proof, id: CheckId): string =>
  checks.find((check) => check.id === id)?.detail ?? "";
const idOf = (messages: readonly ProducedMessage[]): string =>
  (JSON.parse(messages.at(-1)!.value as string) as { snapshot: string }).snapshot;
/** The same 20 pods every time: what is damaged in the database does not change in the cluster. */
const snapshot = (cluster = "c-1"): ProducedMessage[] =>
  snapshotLoad({ cluster, snapshots: 1, pods: 20, limit: 4096 }).map((message) => ({
    ...message,
    partition: 0,
  }));
const put = (...messages: readonly ProducedMessage[]): Promise<void> =>
  produce(brokers, settings.kafka.topic, messages);
const consume = async (): Promise<void> => {
  await kafkaToPostgres(settings, clusterInfo, { untilEnd: true, giveUpAfterMs: 20_000 }, run);
};
const bad = (text: string): ProducedMessage => ({ key: "c-1", value: text, partition: 0 });

/** Does what a hint says: its statement, its commands one after the other; a collection is a new snapshot here. */
async function follow(hint: string | null): Promise<void> {
  const { statement, commands } = /^(?:in the database: (?<statement>.*); then: )?(?<commands>.*)$/.exec(
    hint ?? "",
  )!.groups!;
  if (statement !== undefined) await connection.script(statement);
  for (const command of commands!.split(" && ")) {
    const [program, ...words] = command.split(" ");
    expect(program, hint ?? "no hint").toBe("clusterflow");
    if (words[0] === "collect") await put(...snapshot());
    else await runOk(words);
  }
}
/** Topic and group come with the hint. */
async function runOk(words: readonly string[]): Promise<void> {
  const env = {
    KAFKA_ENABLED: "true",
    KAFKA_BROKERS: brokers.join(","),
    ...databaseEnvironment(database.settings),
  };
  const { status, stderr } = await runCli(words, { env });
  expect(status, stderr).toBe(0);
}

describe("its hint mends", () => {
  it.each<[string, string, readonly CheckId[]]>([
    [
      "a document that was changed beside its hash",
      `UPDATE clusterflow.object_versions SET doc = doc || '{"x":1}' WHERE name = 'p-3'`,
      ["digest"],
    ],
    [
      "a document that was changed together with its hash",
      `UPDATE clusterflow.object_versions SET doc = doc || '{"x":1}', hash = repeat('0', 64) WHERE name = 'p-3'`,
      ["digest"],
    ],
    [
      "an object that is gone",
      "DELETE FROM clusterflow.object_versions WHERE name = 'p-3'",
      ["counts", "digest"],
    ],
    [
      "a snapshot that is gone",
      "DELETE FROM public.cluster_snapshots; DELETE FROM clusterflow.snapshots",
      ["stored", "counts", "digest"],
    ],
    ["a snapshot whose row is gone", "DELETE FROM public.cluster_snapshots", ["stored", "counts", "digest"]],
    ["a row that counts otherwise", "UPDATE public.cluster_snapshots SET objects = 7", ["counts"]],
    [
      "a ledger that skipped a message",
      "UPDATE clusterflow.offsets SET stored = stored - 1 WHERE partition = 0",
      ["offsets"],
    ],
    [
      "a ledger past the end of the topic",
      "UPDATE clusterflow.offsets SET next_offset = next_offset + 1 WHERE partition = 0",
      ["offsets"],
    ],
    [
      "a dead letter that is gone",
      "DELETE FROM clusterflow.dead_letters WHERE convert_from(value, 'UTF8') = 'first'",
      ["offsets"],
    ],
    [
      "a dead letter that was changed",
      "UPDATE clusterflow.dead_letters SET value = 'changed' WHERE convert_from(value, 'UTF8') = 'first'",
      ["offsets"],
    ],
  ])("%s", async (_, damage, checks) => {
    await put(...snapshot(), bad("first"), bad("second"));
    await consume();
    expect((await proofOf()).verdict).toBe("proven");
    await connection.script(damage);
    const proof = await proofOf();
    expect(failing(proof)).toEqual(checks);
    await follow(proof.hint);
    const after = await proofOf();
    expect([after.verdict, after.hint], `${proof.hint}\n${after.sentence}`).toEqual(["proven", null]);
  });

  it("what is stored twice, in another database", async () => {
    await put(...snapshot());
    await consume();
    await connection.script(`
      UPDATE clusterflow.object_versions SET to_seq = 9 WHERE name = 'p-3';
      INSERT INTO clusterflow.object_versions (cluster_id, api_group, resource, uid, from_seq, valid_from, api_version, kind, name, hash, doc)
      SELECT cluster_id, api_group, resource, uid, 8, valid_from, api_version, kind, name, hash, doc
        FROM clusterflow.object_versions WHERE name = 'p-3'`);
    const proof = await proofOf();
    expect(failing(proof)).toEqual(["double"]);
    await using other = await testDatabase();
    await follow(proof.hint?.replace("AN-EMPTY-DATABASE", other.settings.database) ?? null);
    settings = { ...settings, database: other.settings };
    expect((await proofOf()).verdict).toBe("proven");
  });

  it.each<[string, (messages: readonly ProducedMessage[]) => readonly ProducedMessage[], CheckId]>([
    ["a snapshot that lacks a part", (messages) => messages.filter((_, at) => at !== 2), "topic"],
    [
      "a snapshot that was refused",
      (messages) =>
        messages.map(({ value, ...rest }) => ({
          ...rest,
          value: String(value).replace(/("type":"snapshot.end".*"resource":"pods".*?"objects":)20/, "$119"),
        })),
      "stored",
    ],
  ])("%s, which stays wrong for those who ask about it", async (_, spoil, check) => {
    const torn = snapshot();
    await put(...spoil(torn));
    await consume();
    const proof = await proofOf();
    expect(failing(proof)).toContain(check);
    await follow(proof.hint);
    const after = await proofOf();
    expect([after.verdict, after.hint], after.sentence).toEqual(["proven", null]);
    expect(detailOf(after, check)).toContain(`snapshot ${idOf(torn)}`);
    expect((await proofOf({ snapshot: after.snapshots[0]!.snapshot })).verdict).toBe("proven");
    expect((await proofOf({ snapshot: idOf(torn) })).verdict).not.toBe("in-flight");
    expect((await proofOf({ all: true })).verdict).toBe("wrong");
  });
});

it("is wrong for a torn snapshot of one cluster, though another cluster's is stored later", async () => {
  await put(...snapshot("c-1").filter((_, at) => at !== 2), ...snapshot("c-2"));
  await consume();
  const proof = await proofOf();
  expect(failing(proof)).toEqual(["topic"]);
  expect(await proofOf({ snapshot: proof.snapshots[0]!.snapshot })).toMatchObject({ verdict: "proven" });
});

it("asks only about the snapshot that is named", async () => {
  const [older, newer] = [snapshot(), snapshot()];
  await put(...older, ...newer);
  await consume();
  await connection.script(`DELETE FROM public.cluster_snapshots WHERE snapshot = '${idOf(older)}'`);
  expect(failing(await proofOf())).toEqual(["stored"]);
  const proof = await proofOf({ snapshot: idOf(newer) });
  expect(proof.verdict).toBe("proven");
  expect(detailOf(proof, "stored")).toContain(`snapshot ${idOf(older)} was applied, but`);
});

describe("a consumed snapshot that is not stored", () => {
  it("is named with its reason", async () => {
    const torn = snapshot();
    const seal = String(torn.at(-1)!.value).replace(/("resource":"pods".*?"objects":)20/, "$119");
    await put(...torn.slice(0, -1), { ...torn.at(-1)!, value: seal }, ...snapshot());
    await consume();
    const { refused } = await proofOf();
    expect(refused).toEqual([
      {
        snapshot: idOf(torn),
        cluster: "c-1",
        status: "mismatched",
        reason: "pods: the manifest says 19 objects, 20 came",
      },
    ]);
    const legacy = await verify({ database: database.settings }, {}, run);
    expect(legacy.refused.map(({ status }) => status)).toEqual(["mismatched"]);
  });
});

describe("a group", () => {
  it("that never stored anything of the topic is in flight, and those that did are named", async () => {
    await put(...snapshot());
    await consume();
    settings = { ...settings, group: "typo" };
    const proof = await proofOf();
    expect(proof.verdict).toBe("in-flight");
    expect(proof.sentence).toBe(
      `in flight: group "typo" never stored anything of topic "${settings.kafka.topic}"; group "g" did`,
    );
    expect(proof.hint).toBe(`clusterflow consume --until-end --topic ${settings.kafka.topic} --group typo`);
    await follow(proof.hint);
    expect((await proofOf()).verdict).toBe("proven");
  });

  it("that stands before the snapshot is in flight, though another group has stored it", async () => {
    await kafkaToPostgres(settings, clusterInfo, { untilEnd: true, giveUpAfterMs: 20_000 }, run);
    await put(...snapshot());
    settings = { ...settings, group: "h" };
    await consume();
    settings = { ...settings, group: "g" };
    const proof = await proofOf();
    expect(proof.verdict).toBe("in-flight");
    await follow(proof.hint);
    expect((await proofOf()).verdict).toBe("proven");
  });
});

it("has nothing to prove in an empty topic, whatever the group", async () => {
  const proof = await proofOf();
  expect(proof).toMatchObject({
    verdict: "in-flight",
    sentence: `in flight: no snapshot was ever collected into topic "${settings.kafka.topic}": there is nothing to prove yet`,
    hint: `clusterflow collect --topic ${settings.kafka.topic}`,
  });
});

it("says that there is no such topic, where its name comes from and who makes it", async () => {
  const env = { ...kafkaEnvironment(brokers, "no-such"), ...databaseEnvironment(database.settings) };
  const { status, stderr } = await runCli(["verify"], { env });
  expect(status, stderr).toBe(2);
  expect(stderr).toContain('topic "no-such" does not exist');
  expect(stderr).toContain("KAFKA_TOPIC");
  expect(stderr).toContain("clusterflow config show --role consumer --origin");
  expect(stderr).toContain("clusterflow collect --topic no-such");
});
