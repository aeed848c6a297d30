import { expect, it } from "vitest";
import { Connection } from "../../../src/postgres/connection.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { testDatabase } from "../../support/servers.ts";
import { storeEvents } from "./store-events.ts";
import { loadReference, makeWorld } from "./world.ts";

interface Plan {
  readonly "Actual Loops": number;
  readonly Plans?: readonly Plan[];
}

function mostLoops(plan: Plan): number {
  return Math.max(plan["Actual Loops"], ...(plan.Plans ?? []).map(mostLoops));
}

// a look-up for each answer took 24 µs an answer: a popular quiz of 50,000 answers needed more than a second
it.each([
  ["a quiz", "quiz_reports.session_totals WHERE quiz_id = 'quiz-1'", "quiz_id = 'quiz-1'"],
  ["a class", "quiz_reports.class_scores('school-1-class-1')", "classroom_id = 'school-1-class-1'"],
])("what the answers of %s are judged by is not looked up for each of them", async (_, report, answers) => {
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "test");
  await migrate(connection);
  const world = makeWorld();
  await storeEvents(connection, world.events, 500);
  await loadReference(connection, world.reference);
  const [{ count }] = (await connection.query(
    `SELECT count(*)::integer AS count FROM answer_submitted_events WHERE ${answers}`,
  )) as [{ count: number }];
  const [row] = await connection.query(`EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM ${report}`);
  const [{ Plan: plan }] = row!["QUERY PLAN"] as [{ Plan: Plan }];
  expect(count).toBeGreaterThan(100);
  expect(mostLoops(plan)).toBeLessThan(count / 2);
});
