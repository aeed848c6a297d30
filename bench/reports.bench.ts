import { expect, it } from "vitest";
import { REPORTS } from "../src/streams/quiz/reports.ts";
import { MESSAGES } from "./load/events.ts";
import { report } from "./measure/cli.ts";
import { goalsTable, tableOf } from "./measure/table.ts";
import { measureReports } from "./reports/measure-reports.ts";

const TIMES = Number(process.env["TIMES"] ?? 60);
const GOAL_MS = 100;

it("answers each report over many answers while a person waits", async () => {
  const found = await measureReports(MESSAGES, TIMES);
  report(`${MESSAGES} answers, each report asked for ${TIMES} times`);
  report(
    tableOf([
      ["report", "p50 ms", "p95 ms", "most ms", "answer KB"],
      ...found.map(({ name, p50, p95, most, bytes }) => [
        name,
        ...[p50, p95, most, bytes / 1000].map((value) => value.toFixed(1)),
      ]),
    ]),
  );
  const slowest = found.toSorted((one, other) => other.p95 - one.p95)[0]!;
  report(goalsTable([{ what: `the slowest, ${slowest.name}, p95 ms`, value: slowest.p95, atMost: GOAL_MS }]));
  expect(found).toHaveLength(REPORTS.length);
});
