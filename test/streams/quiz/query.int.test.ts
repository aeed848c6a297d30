import { afterAll, beforeAll, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/core/json.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { callQuery } from "../../../src/streams/quiz/query.ts";
import { DIMENSIONS, MEASURES } from "../../../src/streams/quiz/query-terms.ts";
import { testDatabase } from "../../support/servers.ts";
import { distinct, Oracle, scoreOf } from "./oracle.ts";
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
  await connection.script(
    "CREATE TABLE users (email text, password text); INSERT INTO users VALUES ('e@x', 'hash')",
  );
  await storeEvents(connection, world.events, 500);
  await loadReference(connection, world.reference);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function ask(query: Json): Promise<JsonObject[]> {
  const call = callQuery(query);
  if (call.kind === "fault") throw new Error(`${call.field} ${call.reason}`);
  return (await connection.query(call.text, call.parameters)).map(({ row }) => row as JsonObject);
}

it("counts what the events tell, by dimension, in the order that was asked for", async () => {
  const rows = await ask({
    measures: ["total_answers", "correct_answers", "late_answers", "accuracy"],
    dimensions: ["session_id"],
    order_by: [{ field: "total_answers", order: "desc" }, { field: "session_id" }],
  });
  const wanted = distinct(oracle.first.map(({ session }) => session)).map((session) => {
    const own = oracle.first.filter((one) => one.session === session);
    const inTime = own.filter(({ late }) => !late);
    return {
      session_id: session,
      total_answers: inTime.length,
      correct_answers: scoreOf(inTime).right,
      late_answers: own.length - inTime.length,
      accuracy: scoreOf(inTime).accuracy,
    };
  });
  expect(rows).toEqual(wanted.sort((a, b) => b.total_answers - a.total_answers));
});

it("filters by values of every type, by lists and by null, and by time", async () => {
  const count = async (query: JsonObject): Promise<unknown> =>
    (await ask({ measures: ["total_answers"], ...query }))[0]!["total_answers"];
  const { counted } = oracle;
  const of = (test: (one: (typeof counted)[number]) => boolean): number => counted.filter(test).length;
  expect(await count({ filters: { is_correct: true } })).toBe(of(({ correct }) => correct === true));
  expect(await count({ filters: { is_correct: null } })).toBe(of(({ correct }) => correct === null));
  expect(await count({ filters: { answer: ["A", "B"] } })).toBe(of(({ answer }) => "AB".includes(answer)));
  const hour = of(({ at }) => new Date(at).getUTCHours() === 10);
  expect(await count({ filters: { hour_of_day: 10 } })).toBe(hour);
  const [start, end] = ["2026-02-01T00:00:00Z", "2026-02-02T10:00:25Z"];
  const within = of(({ at }) => at >= Date.parse(start) && at < Date.parse(end));
  expect(await count({ time_range: { start, end } })).toBe(within);
  expect(within).toBeGreaterThan(0);
});

it("runs with every measure and every dimension at once, and by each dimension alone", async () => {
  const everything = { measures: Object.keys(MEASURES), dimensions: Object.keys(DIMENSIONS), limit: 3 };
  expect(await ask(everything)).toHaveLength(3);
  for (const dimension of Object.keys(DIMENSIONS)) {
    const [row] = await ask({ measures: ["total_answers"], dimensions: [dimension], limit: 1 });
    expect(Object.keys(row!).sort()).toEqual([dimension, "total_answers"].sort());
  }
});

it("gives nothing of another table to a filter that asks for it", async () => {
  const evil = "x' UNION SELECT email, password FROM users --";
  expect(
    await ask({ measures: ["total_answers"], dimensions: ["student_name"], filters: { student_name: evil } }),
  ).toEqual([]);
});
