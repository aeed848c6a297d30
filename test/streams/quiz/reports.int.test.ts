import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isJsonObject, type Json, type JsonObject } from "../../../src/core/json.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { callReport } from "../../../src/streams/quiz/report-call.ts";
import type { Report } from "../../../src/streams/quiz/report-define.ts";
import { REPORTS } from "../../../src/streams/quiz/reports.ts";
import { dice } from "../../support/dice.ts";
import { testDatabase } from "../../support/servers.ts";
import { EXPECTED } from "./expected.ts";
import { Oracle } from "./oracle.ts";
import { faultsOf } from "./shape-faults.ts";
import { storeEvents } from "./store-events.ts";
import { loadReference, makeWorld } from "./world.ts";

const world = makeWorld();
const oracle = new Oracle(world.events, world.reference);

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
  await migrate(connection);
  const chance = dice(5);
  const shuffled = world.events
    .map((event) => ({ event, place: chance() }))
    .sort((one, other) => one.place - other.place)
    .map(({ event }) => event);
  await storeEvents(connection, shuffled, 97);
  await loadReference(connection, world.reference);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function ask(report: Report, asked: Readonly<Record<string, string>>): Promise<JsonObject> {
  const call = callReport(report, asked);
  if (call.kind === "fault") throw new Error(`${call.field} ${call.reason}`);
  const [row] = await connection.query(call.text, call.parameters);
  return row!["report"] as JsonObject;
}

const room = "school-1-class-1";
const ROOMS = [room, "school-1-class-2", "empty class", "class of one", "unknown"];
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  session_id: [`${room}-session-1`, `${room}-session-2`, "again", "of nobody", "headless", "unknown"],
  question_id: ["quiz-1-q1", "quiz-1-q2", "quiz-2-q1", "strange", "lost", "unknown"],
  classroom_id: ROOMS,
  student_id: [`${room}-s1`, `${room}-s2`, `${room}-s3`, "guest", "only", "unknown"],
  quiz_id: ["quiz-1", "quiz-2", "unknown"],
  time_range: ["60m", "24h", "9d"],
  date_range: ["7d", "36h"],
};

/** Everything that can be asked of a report, about every subject. */
function questionsTo({ parameters }: Report): Readonly<Record<string, string>>[] {
  return parameters.reduce<Record<string, string>[]>(
    (asked, { name }) =>
      SUBJECTS[name] === undefined
        ? asked
        : asked.flatMap((one) => SUBJECTS[name]!.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

/** Texts that are times, as JavaScript writes them; an answer of PostgreSQL has the same times otherwise. */
function plain(value: Json): Json {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return new Date(value).toISOString();
  if (Array.isArray(value)) return (value as readonly Json[]).map(plain);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

describe.each(REPORTS)("report $name", (report) => {
  it("tells what the events tell, about every subject", async () => {
    const asked = questionsTo(report).map((one) => ({ ...one, as_of: world.asOf }));
    expect(asked.length).toBeGreaterThan(0);
    for (const one of asked) {
      const { as_of: asOf, ...subject } = one;
      const { pagination, ...told } = (await ask(report, { ...one, page_size: "1000" })) as Record<
        string,
        Json
      >;
      const wanted = EXPECTED[report.name]!(oracle, subject, Date.parse(asOf)) as JsonObject;
      expect({ subject, ...(plain(told) as object) }).toEqual({ subject, ...wanted });
      if (!report.isPaged) continue;
      expect(pagination).toMatchObject({
        total_count: (wanted["data"] as unknown[]).length,
        has_more: false,
      });
    }
  });

  it("has the fields that its description has, of these types", async () => {
    for (const asked of questionsTo(report)) {
      const told = await ask(report, { ...asked, as_of: world.asOf });
      expect(faultsOf(told, report.result, report.name)).toEqual([]);
    }
  });
});

describe.each(REPORTS.filter(({ isPaged }) => isPaged))("pages of $name", (report) => {
  it("together hold what one large page holds", async () => {
    const subject = Object.fromEntries(Object.entries(SUBJECTS).map(([name, [first]]) => [name, first!]));
    const asked = { ...subject, time_range: "9d", as_of: world.asOf };
    const whole = await ask(report, { ...asked, page_size: "1000" });
    const rows: Json[] = [];
    for (let page = 1, isMore = true; isMore; page += 1) {
      const told = await ask(report, { ...asked, page: String(page), page_size: "2" });
      const { has_more, ...rest } = told["pagination"] as JsonObject;
      const total = (whole["data"] as readonly Json[]).length;
      expect(rest).toEqual({
        page,
        page_size: 2,
        total_count: total,
        total_pages: Math.ceil(total / 2),
        has_previous: page > 1,
      });
      rows.push(...(told["data"] as readonly Json[]));
      isMore = has_more === true && page < 1000;
    }
    expect(rows).toEqual(whole["data"]);
  });
});

it("has seen what it is about: late answers, guests, an empty class, answers without question or key", () => {
  expect(oracle.first.some(({ late }) => late)).toBe(true);
  expect(oracle.first.some(({ enrolled }) => !enrolled)).toBe(true);
  expect(oracle.first.some(({ latency }) => latency === null)).toBe(true);
  expect(oracle.first.some(({ correct, latency }) => correct === null && latency !== null)).toBe(true);
  expect(oracle.enrolled("empty class")).toEqual([]);
});

it("says the same of a session after another session of its quiz", async () => {
  const report = REPORTS.find(({ name }) => name === "classroom-sessions")!;
  const before = (await ask(report, { classroom_id: room }))["data"] as readonly JsonObject[];
  await connection.script(`INSERT INTO question_published_events
    SELECT event_id || ' third', 'third', quiz_id, classroom_id, question_id, teacher_id, published_at, 30
      FROM question_published_events WHERE session_id = 'again'`);
  const after = (await ask(report, { classroom_id: room }))["data"] as readonly JsonObject[];
  expect(after.filter(({ session_id: id }) => id !== "third")).toEqual(before);
  await connection.query("DELETE FROM question_published_events WHERE session_id = 'third'");
});
