import { Connection } from "../../src/postgres/connection.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { REPORTS } from "../../src/streams/quiz/reports.ts";
import { databaseEnvironment } from "../../test/support/cli.ts";
import { testDatabase } from "../../test/support/servers.ts";
import { startGateway, tokenFor } from "../contestants/gateway.ts";
import { percentile } from "../measure/percentile.ts";
import { answersScript } from "./answers.ts";

export interface ReportTimes {
  readonly name: string;
  readonly p50: number;
  readonly p95: number;
  readonly most: number;
  /** Bytes of the longest answer. */
  readonly bytes: number;
}

type Subject = Readonly<Record<string, string>>;

const FILL_MS = 900_000;

/** Asks for each report so many times over HTTP, one after the other, each time about others. Milliseconds. */
export async function measureReports(answers: number, times: number): Promise<readonly ReportTimes[]> {
  await using database = await testDatabase();
  const subjects = await fill(new Connection(database.settings, "bench"), answers, times);
  await using gateway = await startGateway({
    ...databaseEnvironment(database.settings),
    KAFKA_ENABLED: "false",
  });
  const ask = await asker(gateway.url);
  const found: ReportTimes[] = [];
  for (const { name, parameters } of REPORTS) {
    const ids = parameters.filter(({ type }) => type === "id").map((parameter) => parameter.name);
    const asked: { readonly ms: number; readonly bytes: number }[] = [];
    for (const subject of subjects) {
      const query = new URLSearchParams(Object.fromEntries(ids.map((id) => [id, subject[id]!])));
      asked.push(await ask(`/api/reports/${name}?${query.toString()}`));
    }
    const ms = asked.map((one) => one.ms);
    const [p50, p95, most] = [0.5, 0.95, 1].map((part) => percentile(ms, part));
    found.push({
      name,
      p50: p50!,
      p95: p95!,
      most: most!,
      bytes: Math.max(...asked.map(({ bytes }) => bytes)),
    });
  }
  return found;
}

/** Those of answers that are picked without regard to anything: what is played often is asked about often. */
async function fill(connection: Connection, answers: number, subjects: number): Promise<readonly Subject[]> {
  await using opened = connection;
  await migrate(opened);
  await opened.script(answersScript(answers), { deadlineMs: FILL_MS });
  // as autovacuum does a little later
  await opened.script("VACUUM (ANALYZE) session_started_events", { deadlineMs: FILL_MS });
  await opened.script("VACUUM (ANALYZE) question_published_events", { deadlineMs: FILL_MS });
  await opened.script("VACUUM (ANALYZE) answer_submitted_events", { deadlineMs: FILL_MS });
  await opened.script(
    "ANALYZE quizzes, questions, question_answer_keys, classrooms, students, classroom_students",
  );
  const rows = await opened.query(
    `SELECT session_id, question_id, student_id, classroom_id, quiz_id FROM answer_submitted_events
      ORDER BY md5(event_id) LIMIT ${subjects}`,
    [],
    { deadlineMs: FILL_MS },
  );
  return rows as readonly Subject[];
}

async function asker(url: string): Promise<(path: string) => Promise<{ ms: number; bytes: number }>> {
  const authorization = `Bearer ${await tokenFor("reader", "READ")}`;
  return async (path) => {
    const begun = performance.now();
    const response = await fetch(`${url}${path}`, { headers: { authorization } });
    const text = await response.text();
    const ms = performance.now() - begun;
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
    return { ms, bytes: text.length };
  };
}
