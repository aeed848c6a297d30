import { expect, inject, it } from "vitest";
import { declare } from "../../../src/streams/declared/declare.ts";
import { toStream } from "../../../src/streams/declared/stream.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { consumeAll, spoolFolder, startIngest, toKafka, toPostgres } from "../../support/ingest-world.ts";
import { metric, questionOf, storedIds, until } from "../../support/posted-events.ts";
import { testDatabase, testTopicName } from "../../support/servers.ts";

/** Nothing listens there. */
const AWAY = ["127.0.0.1:1"];

it("without Kafka events go to the consumer's tables, by its identity, good ones whatever the others are", async () => {
  await using database = await testDatabase();
  await using gateway = await startIngest(toPostgres(database.settings));
  const lines = [questionOf("s", 1), { event_type: "NONE" }, questionOf("s", 2)].map((one) =>
    JSON.stringify(one),
  );
  const posted = await gateway.post("/v1/events", lines.join("\n"), "application/x-ndjson");
  expect(posted).toMatchObject({ status: 201, json: { mode: "direct", processed_count: 2 } });
  const errors: unknown = Reflect.get(posted.json as object, "errors");
  expect(errors).toEqual([
    {
      index: 1,
      line: 2,
      field: "event_type",
      reason: expect.stringContaining("event_type is not one of") as string,
    },
  ]);
  const again = await gateway.post(
    "/api/events/batch",
    JSON.stringify([questionOf("s", 2), questionOf("s", 3)]),
  );
  expect(again).toMatchObject({ status: 201, json: { mode: "direct", processed_count: 2 } });
  expect(await storedIds(database.settings)).toEqual(["s/1", "s/2", "s/3"]);
});

it("as many requests as come at a time are taken without a word about leaks", async () => {
  await using database = await testDatabase();
  await using gateway = await startIngest(toPostgres(database.settings));
  const warnings: string[] = [];
  const warned = ({ name }: Error): unknown => warnings.push(name);
  process.on("warning", warned);
  const posts = Array.from({ length: 40 }, (_, n) =>
    gateway.post("/api/events", JSON.stringify(questionOf("s", n))),
  );
  const answers = await Promise.all(posts);
  process.off("warning", warned);
  expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(201));
  expect(await storedIds(database.settings)).toHaveLength(40);
  expect(warnings).toEqual([]);
});

it("with the failover direct events go to PostgreSQL while Kafka is away, and the same ones through Kafka change nothing", async () => {
  await using database = await testDatabase();
  await using spool = await spoolFolder();
  const topic = testTopicName("direct");
  const settings = {
    ...toKafka(AWAY, topic, spool.path),
    database: database.settings,
    failover: "direct" as const,
  };
  const events = JSON.stringify([questionOf("s", 1), questionOf("s", 2)]);
  {
    await using gateway = await startIngest(settings);
    expect((await gateway.post("/v1/events", events)).json).toMatchObject({
      mode: "direct",
      processed_count: 2,
    });
  }
  expect(await storedIds(database.settings)).toEqual(["s/1", "s/2"]);
  const brokers = inject("brokers");
  {
    await using gateway = await startIngest({ ...settings, kafka: { brokers, topic } });
    expect((await gateway.post("/v1/events", events)).json).toMatchObject({
      mode: "kafka",
      processed_count: 2,
    });
  }
  await consumeAll(brokers, topic, database.settings);
  expect(await storedIds(database.settings)).toEqual(["s/1", "s/2"]);
});

it("what a spool still holds is replayed by a gateway whose failover is direct, too", async () => {
  await using database = await testDatabase();
  await using spool = await spoolFolder();
  const topic = testTopicName("left");
  {
    await using gateway = await startIngest(toKafka(AWAY, topic, spool.path));
    const posted = await gateway.post("/api/events", JSON.stringify(questionOf("s", 1)));
    expect(posted).toMatchObject({ status: 201, json: { mode: "spool" } });
  }
  const brokers = inject("brokers");
  const settings = {
    ...toKafka(brokers, topic, spool.path),
    database: database.settings,
    failover: "direct" as const,
  };
  {
    await using gateway = await startIngest(settings);
    await until(async () => (await metric(gateway.url, "clusterflow_spool_entries")) === 0);
  }
  await consumeAll(brokers, topic, database.settings);
  expect(await storedIds(database.settings)).toEqual(["s/1"]);
});

it("says 503 with Retry-After, and is not ready, when PostgreSQL is away, and takes events when it is back", async () => {
  await using database = await testDatabase();
  await using gateway = await startIngest(toPostgres(database.settings));
  await using superuser = new Connection({ ...database.settings, ...inject("superuser") }, "judge");
  await superuser.query(`ALTER DATABASE ${database.settings.database} CONNECTION LIMIT 0`);
  await superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
    database.settings.database,
  ]);
  const event = JSON.stringify(questionOf("s", 1));
  const refused = await gateway.post("/api/events", event);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused.text).not.toContain(database.settings.database);
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
  const login = await gateway.post("/api/auth/login", '{"email":"a@example.com","password":"password"}');
  expect(login.status).toBe(503);
  await superuser.query(`ALTER DATABASE ${database.settings.database} CONNECTION LIMIT -1`);
  expect(await gateway.post("/api/events", event)).toMatchObject({ status: 201, json: { mode: "direct" } });
});

it("events of a declared stream go the same ways, and one that is known by its place in Kafka does not go direct", async () => {
  await using database = await testDatabase();
  const columns = { id: { type: "text", path: "$.id" }, n: { type: "bigint", path: "$.n" } };
  const place = { p: { type: "integer", from: "partition" }, o: { type: "bigint", from: "offset" } };
  const streamOf = (all: object, identity: string[], more: object = {}): ReturnType<typeof toStream> => {
    const tables = [{ table: "taps", columns: all, identity, ...more }];
    const text = JSON.stringify({
      version: 1,
      streams: [{ name: "taps", topic: "taps", key: "$.id", tables }],
    });
    const declared = declare("f.json", text);
    if (declared.kind === "faulty") throw new Error(JSON.stringify(declared.faults));
    return toStream(declared.streams[0]!);
  };
  await expect(
    startIngest(toPostgres(database.settings), streamOf({ ...columns, ...place }, ["p", "o"])),
  ).rejects.toMatchObject({ code: "usage", message: expect.stringContaining("column p of table") as string });
  const aside = {
    ...toKafka(AWAY, "taps", "/nowhere"),
    database: database.settings,
    failover: "direct" as const,
  };
  await expect(startIngest(aside, streamOf(columns, ["id"], { again: "replace" }))).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("replace each other") as string,
  });
  await using gateway = await startIngest(toPostgres(database.settings), streamOf(columns, ["id"]));
  const posted = await gateway.post("/v1/events", '[{"id":"a","n":9223372036854775807},{"id":"b","n":"x"}]');
  expect(posted.json).toMatchObject({
    processed_count: 1,
    results: [{ event_id: "a" }, { status: "refused" }],
  });
  await using connection = new Connection(database.settings, "judge");
  expect(await connection.query("SELECT id, n FROM taps")).toEqual([{ id: "a", n: 9223372036854775807n }]);
});
