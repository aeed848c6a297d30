import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { generateQuiz } from "../../../src/streams/quiz/generate.ts";
import { REPORTS } from "../../../src/streams/quiz/reports.ts";
import { startIngest, toPostgres } from "../../support/ingest-world.ts";
import { questionOf } from "../../support/posted-events.ts";
import { testDatabase } from "../../support/servers.ts";
import { faultsOf } from "../../streams/quiz/shape-faults.ts";

it("each report answers over HTTP as it is described, and a query asks for what it likes of closed lists", async () => {
  await using database = await testDatabase();
  await using gateway = await startIngest(toPostgres(database.settings));
  const { events } = generateQuiz({ schools: 1, seed: 1, at: Date.now() - 3_600_000 });
  for (let from = 0; from < events.length; from += 500) {
    const posted = await gateway.post("/v1/events", JSON.stringify(events.slice(from, from + 500)));
    expect(posted.status).toBe(201);
  }
  const [answer] = events.filter((event) => event["event_type"] === "ANSWER_SUBMITTED");
  for (const report of REPORTS) {
    const ids = report.parameters.filter(({ type }) => type === "id");
    const query = ids.map(({ name }) => `${name}=${encodeURIComponent(answer![name] as string)}`).join("&");
    const reply = await gateway.get(`/api/reports/${report.name}?${query}`);
    expect([report.name, reply.status]).toEqual([report.name, 200]);
    expect(faultsOf(reply.json as Json, report.result, report.name)).toEqual([]);
  }
  const classroom = `classroom_id=${encodeURIComponent(answer!["classroom_id"] as string)}`;
  const engagement = async (more: string): Promise<number> => {
    const reply = await gateway.get(`/api/reports/classroom-engagement?${classroom}&date_range=1d${more}`);
    return (reply.json as { sessions: number }).sessions;
  };
  expect(await engagement("")).toBeGreaterThan(0);
  expect(await engagement("&as_of=2020-01-01T00:00:00Z")).toBe(0);
  const query = { measures: ["total_answers"], dimensions: [] };
  const reply = await gateway.post("/api/reports/query", JSON.stringify(query));
  expect(reply).toMatchObject({
    status: 200,
    json: { data: [{ total_answers: expect.any(Number) as number }] },
  });
  const wrong = await gateway.post("/api/reports/query", '{"measures":["1; DROP TABLE students"]}');
  expect(wrong).toMatchObject({ status: 400, json: { error: { field: "measures" } } });
});

it("events are taken while every seat of the reports is held, and a report that takes too long ends", async () => {
  await using database = await testDatabase();
  await using gateway = await startIngest(toPostgres(database.settings));
  await using locker = new Connection(database.settings, "locker");
  const lock = locker.script("LOCK TABLE public.classroom_students; SELECT pg_sleep(11)");
  await delay(300);
  const asked = Array.from({ length: 5 }, () =>
    gateway.get("/api/reports/response-rate?session_id=s&question_id=q"),
  );
  await delay(300);
  expect((await gateway.post("/api/events", JSON.stringify(questionOf("s", 1)))).status).toBe(201);
  const [first] = await Promise.all(asked);
  expect(first).toMatchObject({ status: 503 });
  await lock;
});
