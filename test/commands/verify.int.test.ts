import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { ConsumerSettings } from "../../src/config/consumer.ts";
import { kafkaToPostgres } from "../../src/flows/kafka-to-postgres.ts";
import { resetToEarliest } from "../../src/flows/reset.ts";
import { verify, type VerifyOptions } from "../../src/flows/verify.ts";
import type { CheckId } from "../../src/pipeline/proof/check.ts";
import type { Proof } from "../../src/pipeline/proof/proof.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { clusterInfo } from "../../src/streams/cluster-info/stream.ts";
import { databaseEnvironment, kafkaEnvironment, runCli, temporaryFolder } from "../support/cli.ts";
import { createTopic, plainKafka, produce, snapshotLoad, type ProducedMessage } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";
import { EMPTIED } from "../support/emptied.ts";

/** `verify` on a real topic, a real ledger and real tables, which are then damaged on purpose. */
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
  const topic = testTopicName("verify");
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
const statuses = ({ checks }: Proof): Record<string, string> =>
  Object.fromEntries(checks.map(({ id, status }) => [id, status]));
const failing = ({ checks }: Proof): readonly CheckId[] =>
  checks.filter(({ status }) => status === "failed").map(({ id }) => id);
const detailOf = ({ checks }: Proof, id: CheckId): string =>
  checks.find((check) => check.id === id)?.detail ?? "";

/** A snapshot of 20 pods in a handful of messages, all in partition 0. */
function snapshot(cluster = "c-1", snapshots = 1): ProducedMessage[] {
  return snapshotLoad({ cluster, snapshots, pods: 20, limit: 4096 }).map((message) => ({
    ...message,
    partition: 0,
  }));
}
function idOf(messages: readonly ProducedMessage[]): string {
  return (JSON.parse(messages.at(-1)!.value as string) as { snapshot: string }).snapshot;
}
async function put(...messages: readonly ProducedMessage[]): Promise<void> {
  await produce(brokers, settings.kafka.topic, messages);
}
async function consume(): Promise<void> {
  await kafkaToPostgres(settings, clusterInfo, { untilEnd: true, giveUpAfterMs: 20_000 }, run);
}
async function removeBefore(offset: number): Promise<void> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  await admin.fetchTopicOffsets(settings.kafka.topic); // without it the admin does not know the leader
  await admin.deleteTopicRecords({
    topic: settings.kafka.topic,
    partitions: [{ partition: 0, offset: String(offset) }],
  });
  await admin.disconnect();
}
const bad = (text = "nonsense"): ProducedMessage => ({ key: "c-1", value: text, partition: 0 });

describe("before the consumer", () => {
  it("says that there is no such topic, and whether the group has read it once", async () => {
    const topic = testTopicName("never");
    const missing = { ...settings, kafka: { brokers, topic } };
    await expect(verify(missing, {}, run)).rejects.toMatchObject({
      code: "usage",
      message: `topic "${topic}" does not exist in Kafka at ${brokers.join(", ")}`,
    });
    await migrate(connection);
    await connection.query(
      `INSERT INTO clusterflow.offsets ("group", topic, partition, next_offset, epoch, first_offset, owner)
       VALUES ('g', $1, 0, 3, 1, 0, '')`,
      [topic],
    );
    await expect(verify(missing, {}, run)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("any more, though the group has read it") as string,
    });
  });

  it("is in flight, with the database untouched, whether or not it has our tables", async () => {
    const messages = snapshot();
    await put(...messages);
    const expected = {
      topic: "ok",
      untouched: "ok",
      stored: "pending",
      counts: "pending",
      digest: "pending",
      offsets: "pending",
    };
    const early = await proofOf();
    expect(early).toMatchObject({
      verdict: "in-flight",
      sentence: `in flight: ${messages.length} messages are not consumed yet`,
    });
    expect(statuses(early)).toMatchObject({ ...expected, double: "told" });
    await migrate(connection);
    expect(statuses(await proofOf())).toMatchObject({ ...expected, double: "ok" });
  });

  it("is in flight while the seal is missing", async () => {
    await put(...snapshot().slice(0, -1));
    expect(statuses(await proofOf())).toMatchObject({ topic: "pending", untouched: "told" });
    expect((await proofOf()).verdict).toBe("in-flight");
  });

  it("is wrong when a collector wrote to the database itself", async () => {
    const messages = snapshot();
    await put(...messages);
    await migrate(connection);
    const rows = messages.flatMap(({ value }) => {
      const decoded = clusterInfo.decode({ key: null, value: Buffer.from(value as string), timestamp: 0 });
      return decoded.kind === "rows" ? decoded.rows : [];
    });
    await connection.query("SELECT clusterflow.write_cluster_info($1::text::jsonb, 'direct')", [
      JSON.stringify(rows),
    ]);
    const proof = await proofOf();
    expect(failing(proof)).toEqual(["untouched"]);
    expect(detailOf(proof, "untouched")).toContain("was written by transport direct");
    await connection.script("UPDATE public.cluster_snapshots SET transport = 'kafka'");
    expect(detailOf(await proofOf(), "untouched")).toContain("although no consumer has come to its seal");
  });

  it("joins no group and makes no table", async () => {
    await put(...snapshot());
    settings = { ...settings, group: testTopicName("group") };
    await proofOf();
    const admin = plainKafka(brokers).admin();
    await admin.connect();
    const { groups } = await admin.listGroups();
    await admin.disconnect();
    expect(groups.map(({ groupId }) => groupId)).not.toContain(settings.group);
    expect(groups.filter(({ groupId }) => groupId.includes("verify"))).toEqual([]);
    expect(await connection.query("SELECT to_regclass('clusterflow.offsets') AS there")).toEqual([
      { there: null },
    ]);
  });
});

describe("after the consumer", () => {
  it("is proven in numbers", async () => {
    const messages = snapshot();
    await put(...messages);
    await consume();
    const proof = await proofOf();
    const n = messages.length;
    expect(proof.sentence).toBe(
      `proven: 20 objects of 1 kind collected = stored; ${n} messages = ${n} stored + 0 dead-lettered + 0 gaps; 0 lost, 0 double`,
    );
    expect(statuses(proof)).toEqual({
      topic: "ok",
      untouched: "ok",
      stored: "ok",
      counts: "ok",
      digest: "ok",
      double: "ok",
      offsets: "ok",
    });
    expect(proof.snapshots).toMatchObject([
      {
        snapshot: idOf(messages),
        cluster: "c-1",
        lies: { partition: 0, first: 0n, last: BigInt(n - 1), messages: n },
      },
    ]);
  });

  it("is proven with dead letters, messages that came twice, several clusters and a snapshot of one message", async () => {
    const [one, two] = [snapshot("c-1", 2), snapshot("c-2")];
    const single = JSON.stringify({ timestamp: "2026-05-01T00:00:00Z", pods: null, nodes: null });
    await put(...one, bad(), ...two, ...two, bad(""), { key: null, value: null, partition: 1 });
    await put({ key: "old", value: single, partition: 1 });
    await consume();
    const proof = await proofOf({ all: true });
    expect(failing(proof), JSON.stringify(proof.checks)).toEqual([]);
    expect(proof.verdict).toBe("proven");
    expect(proof.sentence).toContain("60 objects in 4 snapshots collected = stored");
    const stored = one.length + 2 * two.length + 1;
    expect(proof.sentence).toContain(`${stored + 3} messages = ${stored} stored + 3 dead-lettered + 0 gaps`);
    expect(detailOf(proof, "topic")).toContain(`${two.length} messages of snapshot ${idOf(two)} came twice`);
  });

  it("counts the control records of transactions as gaps", async () => {
    const producer = plainKafka(brokers).producer({
      transactionalId: testTopicName("t"),
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    for (const end of ["abort", "commit"] as const) {
      const transaction = await producer.transaction();
      await transaction.send({
        topic: settings.kafka.topic,
        messages: snapshot().map(({ key, value }) => ({ key, value, partition: 0 })),
      });
      await transaction[end]();
    }
    await producer.disconnect();
    await consume();
    const proof = await proofOf();
    expect(proof.verdict, JSON.stringify(proof.checks)).toBe("proven");
    const n = snapshot().length;
    expect(proof.sentence).toContain(`${2 * n + 2} messages = ${n} stored + 0 dead-lettered + ${n + 2} gaps`);
  });

  it("is in flight when a newer snapshot waits, and proven for the older one, with the lag told", async () => {
    const older = snapshot();
    await put(...older);
    await consume();
    await put(...snapshot());
    expect((await proofOf()).verdict).toBe("in-flight");
    const proof = await proofOf({ snapshot: idOf(older) });
    expect(proof).toMatchObject({ verdict: "proven", hint: null });
    expect(proof.sentence).toContain(`${older.length} newer messages wait`);
  });

  it("is proven when all that waits are messages of a stored snapshot that came again", async () => {
    const messages = snapshot();
    await put(...messages);
    await consume();
    await put(...messages);
    const proof = await proofOf();
    expect(proof.verdict, JSON.stringify(proof.checks)).toBe("proven");
    expect(proof.sentence).toContain(`${messages.length} newer messages wait`);
  });

  it("waits until what is in flight has arrived", async () => {
    await put(...snapshot());
    const waiting = verify(
      settings,
      { waitMs: 600_000 },
      { ...run, tell: (report) => void (report.kind === "notice" && consume()) },
    );
    expect((await waiting).verdict).toBe("proven");
  });

  it("is in flight when the time to wait is over", async () => {
    await put(...snapshot());
    expect((await proofOf({ waitMs: 700 })).verdict).toBe("in-flight");
  });

  it("ends when it is interrupted", async () => {
    await put(...snapshot());
    const stop = new AbortController();
    const tell = (): void => stop.abort(new Error("enough"));
    await expect(verify(settings, { waitMs: 600_000 }, { tell, signal: stop.signal })).rejects.toThrow(
      "enough",
    );
    await expect(verify(settings, {}, { ...run, signal: stop.signal })).rejects.toThrow("enough");
  });

  it("is in flight, and not wrong, once the group was put back, and proven after the replay", async () => {
    await put(...snapshot(), bad());
    await consume();
    await resetToEarliest(settings, run);
    const proof = await proofOf();
    expect(failing(proof), JSON.stringify(proof.checks)).toEqual([]);
    expect(detailOf(proof, "untouched")).toContain("was stored before the group was put back to offset 0");
    await consume();
    expect((await proofOf()).verdict).toBe("proven");
  });

  it("is proven for a second group that reads the same topic", async () => {
    await put(...snapshot());
    await consume();
    settings = { ...settings, group: "h" };
    expect(detailOf(await proofOf(), "untouched")).toContain("was stored by another group");
    await consume();
    expect((await proofOf()).verdict).toBe("proven");
  });
});

describe("what retention has removed", () => {
  it("is told, and what is left is proven", async () => {
    const [older, newer] = [snapshot(), snapshot()];
    await put(...older, bad(), ...newer);
    await consume();
    await removeBefore(2);
    const proof = await proofOf();
    expect(proof.verdict, JSON.stringify(proof.checks)).toBe("proven");
    expect(detailOf(proof, "topic")).toContain(
      `retention has removed the first 2 parts of snapshot ${idOf(older)}`,
    );
    expect(proof.sentence).toContain(
      `of ${older.length + 1 + newer.length} offsets, 2 of which retention has removed`,
    );
    await removeBefore(older.length + 1);
    const later = await proofOf();
    expect(later.verdict, JSON.stringify(later.checks)).toBe("proven");
    expect(detailOf(later, "offsets")).toContain("1 dead letters are older than what the topic still has");
  });

  it("is lost when the group had not read it", async () => {
    await put(...snapshot());
    await consume();
    await put(...snapshot(), ...snapshot());
    const n = snapshot().length;
    await removeBefore(n + 2);
    const proof = await proofOf();
    expect(failing(proof)).toEqual(["offsets"]);
    expect(detailOf(proof, "offsets")).toContain(
      `offsets ${n}..${n + 1} were removed by retention before the group had read them`,
    );
  });

  it("is named as a loss, with offsets and time, once somebody went on behind it", async () => {
    await put(...snapshot());
    await consume();
    await put(...snapshot(), ...snapshot(), bad());
    const n = snapshot().length;
    await removeBefore(n + 2);
    const decided = new Date().toISOString().slice(0, 15);
    await resetToEarliest(settings, run);
    const words = `lost by decision before that, 2 offsets: partition 0 offsets ${n}..${n + 1} (2) were removed by retention before the group had read them, and were given up at ${decided}`;
    const waiting = await proofOf();
    expect([waiting.verdict, waiting.sentence]).toEqual([
      "in-flight",
      expect.stringMatching(/^in flight: \d+ messages are not consumed yet; lost by decision/) as string,
    ]);
    expect(waiting.sentence).toContain(words);
    await consume();
    const proof = await proofOf();
    expect(proof.sentence).toContain(words);
    expect(detailOf(proof, "offsets")).toContain(`partition 0 offsets ${n}..${n + 1} (2) were removed`);
    await resetToEarliest(settings, run);
    expect((await proofOf()).losses).toHaveLength(1);
  });

  it("leaves nothing to prove here when it was everything", async () => {
    const messages = snapshot();
    await put(...messages);
    await consume();
    await removeBefore(messages.length);
    const proof = await proofOf();
    expect(proof.sentence).toContain("holds no snapshot any more");
    const legacy = await verify({ database: database.settings }, {}, run);
    expect(legacy.verdict).toBe("proven");
  });
});

describe("it is wrong", () => {
  const everything = async (): Promise<ProducedMessage[]> => {
    const messages = snapshot();
    await put(...messages, bad("first"), bad("second"));
    await consume();
    return messages;
  };

  it("when a part never reached the topic", async () => {
    const messages = snapshot();
    await put(...messages.filter((_, at) => at !== 2));
    await consume();
    const proof = await proofOf();
    expect(failing(proof)).toEqual(["topic", "counts", "digest"]);
    expect(detailOf(proof, "topic")).toContain("missing: 3");
  });

  it("when a message of a snapshot is a dead letter", async () => {
    const messages = snapshot();
    const at = messages.findIndex(({ value }) => String(value).startsWith('{"type":"objects"'));
    const broken = String(messages[at]!.value).replaceAll('"uid":', '"diu":');
    await put(...messages.map((message, index) => (index === at ? { ...message, value: broken } : message)));
    expect((await proofOf()).verdict).toBe("in-flight");
    await consume();
    const proof = await proofOf();
    expect(failing(proof)).toEqual(["topic", "counts", "digest"]);
    expect(detailOf(proof, "topic")).toContain(`its message at partition 0, offset ${at} is refused`);
  });

  it("when the snapshot was refused as a whole", async () => {
    const messages = snapshot();
    const seal = String(messages.at(-1)!.value).replace(/("resource":"pods".*?"objects":)20/, "$119");
    await put(...messages.slice(0, -1), { ...messages.at(-1)!, value: seal });
    await consume();
    const proof = await proofOf();
    expect(failing(proof)).toEqual(["stored", "counts", "digest"]);
    expect(detailOf(proof, "stored")).toContain("the manifest says 19 objects, 20 came");
  });

  it("when a snapshot without its seal was stored", async () => {
    const [whole, torn] = [snapshot(), snapshot()];
    await put(...torn.slice(0, -1), ...whole);
    await consume();
    expect((await proofOf()).verdict).toBe("proven");
    await connection.script(`
      UPDATE clusterflow.snapshots SET status = 'applied' WHERE snapshot = '${idOf(torn)}';
      INSERT INTO public.cluster_snapshots ("timestamp", snapshot, cluster_id, cluster_name, seq, finished_at, transport, consistency, objects, digest)
      VALUES (now(), '${idOf(torn)}', 'c-1', '', 9, now(), 'kafka', 'cut', 0, '0')`);
    const proof = await proofOf();
    expect(failing(proof)).toEqual(["stored"]);
    expect(detailOf(proof, "stored")).toContain("although it was never sealed");
  });

  it.each<[string, string, readonly CheckId[], string]>([
    [
      "when the ledger skipped a message",
      "UPDATE clusterflow.offsets SET stored = stored - 1 WHERE partition = 0",
      ["offsets"],
      "1 lost",
    ],
    [
      "when the ledger counted a message twice",
      "UPDATE clusterflow.offsets SET stored = stored + 1 WHERE partition = 0",
      ["offsets"],
      "1 too many",
    ],
    [
      "when the ledger is past the end of the topic",
      "UPDATE clusterflow.offsets SET next_offset = next_offset + 1 WHERE partition = 0",
      ["offsets"],
      "is past the topic's end",
    ],
    [
      "when the ledger has a partition that the topic does not have",
      `INSERT INTO clusterflow.offsets ("group", topic, partition, next_offset, epoch, first_offset, owner)
       SELECT "group", topic, 7, 3, 1, 0, '' FROM clusterflow.offsets WHERE partition = 0`,
      ["offsets"],
      "partition 7: next_offset 3 is past the topic's end 0",
    ],
    [
      "when a dead letter is gone",
      `DELETE FROM clusterflow.dead_letters WHERE convert_from(value, 'UTF8') = 'first'`,
      ["offsets"],
      "1 of 2 dead letters are gone",
    ],
    [
      "when a dead letter was changed",
      `UPDATE clusterflow.dead_letters SET value = 'changed' WHERE convert_from(value, 'UTF8') = 'first'`,
      ["offsets"],
      "is not what lies there",
    ],
    [
      "when a dead letter lost its key",
      "UPDATE clusterflow.dead_letters SET key = NULL",
      ["offsets"],
      "is not what lies there",
    ],
    [
      "when a dead letter is kept twice",
      `ALTER TABLE clusterflow.dead_letters DROP CONSTRAINT dead_letters_group_topic_partition_offset_key;
       INSERT INTO clusterflow.dead_letters ("group", topic, partition, "offset", key, value, headers, stage, reason)
       SELECT "group", topic, partition, "offset", key, value, headers, stage, reason FROM clusterflow.dead_letters LIMIT 1`,
      ["double"],
      "1 dead letters kept twice, such as verify-",
    ],
    [
      "when the snapshot is gone from the database",
      `DELETE FROM public.cluster_snapshots; DELETE FROM clusterflow.snapshots`,
      ["stored", "counts", "digest"],
      "the database never heard of it",
    ],
    [
      "when an object is gone",
      "DELETE FROM clusterflow.object_versions WHERE name = 'p-3'",
      ["counts", "digest"],
      "pods: 20 collected, 19 stored",
    ],
    [
      "when a document was changed together with its hash and with the database's own manifest",
      `UPDATE clusterflow.object_versions SET doc = doc || '{"x":1}', hash = repeat('0', 64) WHERE name = 'p-3';
       UPDATE clusterflow.snapshot_kinds SET digest = 0`,
      ["counts", "digest"],
      "pods: the digest of what is stored is not the manifest's",
    ],
    [
      "when the row was written before its seal lay in the topic",
      "UPDATE public.cluster_snapshots SET created_at = created_at - interval '1 hour'",
      ["untouched"],
      "before its seal lay in the topic",
    ],
  ])("%s", async (_, damage, checks, detail) => {
    await everything();
    expect((await proofOf()).verdict).toBe("proven");
    await connection.script(damage);
    const proof = await proofOf();
    expect(failing(proof), JSON.stringify(proof.checks)).toEqual(checks);
    expect(
      proof.checks
        .filter(({ status }) => status === "failed")
        .map((check) => check.detail)
        .join("\n"),
    ).toContain(detail);
  });

  it("when a snapshot that is asked for is not in the topic", async () => {
    await everything();
    const id = "0b8f4a6e-5c1d-4f0e-9a52-3f1f3f7d2c11";
    expect((await proofOf({ snapshot: id })).sentence).toBe(
      `wrong: snapshot ${id} is not in topic ${settings.kafka.topic}`,
    );
  });
});

it("is `unreachable` within seconds when Kafka is away", async () => {
  const away = { ...settings, kafka: { brokers: ["127.0.0.1:1"], topic: "t" } };
  await expect(verify(away, {}, run)).rejects.toMatchObject({ code: "unreachable" });
});

describe("the command", () => {
  const environment = (): Record<string, string> => ({
    ...kafkaEnvironment(brokers, settings.kafka.topic),
    ...databaseEnvironment(database.settings),
    KAFKA_GROUP_ID: "g",
  });

  it("ends with 4, 8, 0 and 3, in one document and in a JUnit file", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "junit.xml");
    const words = ["verify", "-o", "json", "--junit", file];
    const look = async (): Promise<{
      status: number | null;
      document: Record<string, unknown>;
      xml: string;
    }> => {
      const { status, stdout, stderr } = await runCli(words, { env: environment() });
      expect(stdout, stderr).not.toBe("");
      return {
        status,
        document: JSON.parse(stdout) as Record<string, unknown>,
        xml: await readFile(file, "utf8"),
      };
    };
    const nothing = await look();
    expect(nothing).toMatchObject({ status: 8, document: { ok: false, exit: 8, verdict: "in-flight" } });
    expect(nothing.xml).toContain(
      '<error type="in-flight" message="no snapshot was ever collected into topic',
    );
    await put(...snapshot());
    expect(await look()).toMatchObject({ status: 8, document: { ok: false, exit: 8, verdict: "in-flight" } });
    await consume();
    const proven = await look();
    expect(proven).toMatchObject({ status: 0, document: { ok: true, exit: 0, verdict: "proven" } });
    expect(proven.xml).toContain('tests="7" failures="0" errors="0" skipped="0"');
    await connection.script("DELETE FROM clusterflow.object_versions WHERE name = 'p-3'");
    const damaged = await look();
    expect(damaged).toMatchObject({ status: 4, document: { ok: false, exit: 4, verdict: "wrong" } });
    expect(damaged.xml).toContain(
      '<failure type="failed" message="pods: 20 collected, 19 stored">expected 20 pods, found 19 pods</failure>',
    );
    const away = await runCli(["verify", "-o", "json", "--brokers", "127.0.0.1:1"], { env: environment() });
    expect([away.status, JSON.parse(away.stdout)]).toMatchObject([3, { ok: false, exit: 3 }]);
  });

  it("draws a table that ends in the verdict, or the verdict alone", async () => {
    await put(...snapshot());
    await consume();
    const table = await runCli(["verify"], { env: environment() });
    expect(table.stdout).toMatch(/\nKIND +STATUS +COLLECTED +STORED +DIGEST\npods +complete +20 +20 +same\n/);
    expect(table.stdout.trimEnd().split("\n").at(-1)).toMatch(/^proven: 20 objects/);
    const quiet = await runCli(["verify", "-q"], { env: environment() });
    expect(quiet.stdout).toMatch(/^proven: .*\n$/);
  });

  it("looks at the database alone in mode legacy, said or understood", async () => {
    await put(...snapshot());
    await consume();
    const modeOf = async (words: readonly string[], env: Record<string, string>): Promise<unknown> => {
      const { stdout, stderr } = await runCli(["verify", "-o", "json", ...words], { env });
      expect(stdout, stderr).not.toBe("");
      return (JSON.parse(stdout) as { mode?: string }).mode;
    };
    const bare = databaseEnvironment(database.settings);
    expect(await modeOf([], bare)).toBe("legacy");
    expect(await modeOf(["--mode", "legacy"], environment())).toBe("legacy");
    expect(await modeOf([], { ...bare, KAFKA_ENABLED: "false" })).toBe("legacy");
    expect(await modeOf([], { ...bare, CLUSTERFLOW_MODE: "legacy", KAFKA_TOPIC: "t" })).toBe("legacy");
    expect(await modeOf([], environment())).toBe("hybrid-kafka");
    expect(await modeOf(["--brokers", brokers.join(","), "--topic", settings.kafka.topic], bare)).toBe(
      "hybrid-kafka",
    );
  });

  it("says that the JUnit file cannot be written, after the proof", async () => {
    await put(...snapshot());
    await consume();
    const { status, stdout, stderr } = await runCli(["verify", "--junit", "/no/such/folder/x.xml"], {
      env: environment(),
    });
    expect([status, stdout]).toEqual([2, expect.stringContaining("proven: ")]);
    expect(stderr).toContain("/no/such/folder/x.xml cannot be written");
  });
});
