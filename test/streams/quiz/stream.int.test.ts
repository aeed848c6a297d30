import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { testDatabase } from "../../support/servers.ts";
import { answer, question, started } from "./events.ts";
import { storeEvents } from "./store-events.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
  await migrate(connection);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const store = (events: readonly JsonObject[], batchSize: number): Promise<void> =>
  storeEvents(connection, events, batchSize);

async function shown(): Promise<unknown> {
  const relations = [
    "session_started_events",
    "quiz_sessions",
    "question_published_events",
    "answer_submitted_events",
  ];
  const dumps = relations.map(async (name) => {
    const rows = await connection.query(
      `SELECT to_jsonb(t) AS row FROM public.${name} t ORDER BY to_jsonb(t)`,
    );
    return [name, rows.map(({ row }) => row)];
  });
  return Object.fromEntries(await Promise.all(dumps)) as unknown;
}
async function count(relation: string): Promise<unknown> {
  return (await connection.query(`SELECT count(*)::integer AS n FROM ${relation}`))[0]!["n"];
}

const EVENTS: readonly JsonObject[] = [
  started(),
  started({ event_id: "again", timestamp: "2026-01-31T09:00:00Z", classroom_id: "class-2" }),
  started({ event_id: "at once", timestamp: "2026-01-31T09:00:00Z", classroom_id: "class-3" }),
  question(),
  question({ event_id: "published again", timestamp: "2026-01-31T10:05:00Z" }),
  answer(),
  answer({ event_id: "late", timestamp: "2026-01-31T11:00:00Z", student_id: "student-2" }),
  answer({ event_id: "of nobody's question", question_id: "unknown", session_id: "unknown" }),
];

it("makes the same tables of the same events, in whatever order, how often and in what batches they come", async () => {
  await store(EVENTS, 100);
  const wanted = await shown();
  const order = fc.shuffledSubarray([...EVENTS, ...EVENTS], { minLength: 2 * EVENTS.length });
  await fc.assert(
    fc.asyncProperty(order, fc.integer({ min: 1, max: 20 }), async (events, batchSize) => {
      await store(events, batchSize);
      expect(await shown()).toEqual(wanted);
    }),
    { numRuns: 40 },
  );
});

it("begins a session with its earliest start, and with the lesser event id of two at once", async () => {
  await store(EVENTS, 3);
  const [session] = await connection.query(
    "SELECT *, started_at = '2026-01-31T09:00:00Z' AS early FROM quiz_sessions",
  );
  expect(session).toMatchObject({
    session_id: "session-1",
    classroom_id: "class-2",
    early: true,
    ended_at: null,
  });
});

it("loses no event because nobody knows what it refers to", async () => {
  await store(EVENTS, 100);
  expect(await count("public.answer_submitted_events")).toBe(3);
  expect(await count("clusterflow.dead_letters")).toBe(0);
});

it("keeps the first of two events of one id", async () => {
  await store([answer({ answer: "A" }), answer({ answer: "C" })], 1);
  const rows = await connection.query("SELECT answer FROM answer_submitted_events");
  expect(rows.map((row) => row["answer"])).toEqual(["A"]);
});

it("stores the longest ids that it takes, of the widest letters", async () => {
  const wide = "\u{1F600}".repeat(100);
  await store([answer({ event_id: wide, session_id: wide, question_id: wide, student_id: wide })], 1);
  expect(await count("public.answer_submitted_events")).toBe(1);
  expect(await count("clusterflow.dead_letters")).toBe(0);
});

it("takes sessions that people insert under the name that they know", async () => {
  await store([], 1);
  await connection.query(
    "INSERT INTO quiz_sessions (session_id, quiz_id, classroom_id, started_at) VALUES ('s', 'q', 'c', now())",
  );
  expect(await count("public.quiz_sessions")).toBe(1);
});

it("refuses a reference whose UUID is in upper case, since no event would find it", async () => {
  const insert = (id: string): Promise<unknown> =>
    connection.query("INSERT INTO students (student_id) VALUES ($1)", [id]);
  await insert("900e8400-e29b-41d4-a716-44665544004a");
  await insert("Student-1");
  await expect(insert("900E8400-E29B-41D4-A716-44665544004A")).rejects.toThrow("uuid_in_lower_case");
});
