import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { measureGateway, measureProducer } from "../../bench/ingest/measure-ingest.ts";
import { waitForRows } from "../../bench/measure/run.ts";
import { Store } from "../../bench/measure/store.ts";
import { quizConsume } from "../../bench/quiz/contestants.ts";
import { NAMES, quizFiles, quizTopic } from "../../bench/quiz/prepare.ts";
import { measureReports } from "../../bench/reports/measure-reports.ts";
import { REPORTS } from "../../src/streams/quiz/reports.ts";

// The parts of the bench that speak to servers, in small: what they find is not looked at, only that they find it.

it.each([1, 100])(
  "times events that go through the gateway, and finds each in the topic (%i)",
  async (batch) => {
    for (const measure of [measureProducer, measureGateway]) {
      const { acknowledged, lost, most, half } = await measure({ batch, seconds: 0.5 });
      expect(acknowledged).toBeGreaterThanOrEqual(batch);
      expect(lost).toBe(0);
      expect(most.rate).toBeGreaterThan(0);
      expect(half.p99).toBeGreaterThanOrEqual(half.p50);
    }
  },
);

it("times each report", async () => {
  const found = await measureReports(3_000, 2);
  expect(found.map(({ name }) => name)).toEqual(REPORTS.map(({ name }) => name));
  for (const { p50, p95, bytes } of found) {
    expect(p95).toBeGreaterThanOrEqual(p50);
    expect(bytes).toBeGreaterThan(2);
  }
});

it("consumes quiz events into the rows that it has written into files for COPY", async () => {
  const events = 3_000;
  const contestant = quizConsume(await quizTopic(events));
  await using store = await Store.open(contestant.tables);
  await using ready = await contestant.ready(store);
  const { pid } = await ready.start();
  await waitForRows(store, { rows: events, pid });
  expect(await contestant.reconcile!(store, events)).toMatchObject({ lost: 0, doubled: 0 });
  const files = await quizFiles(store, events);
  for (const [table, file] of files.entries()) {
    const ids = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")[0]!);
    const rows = await store.query<{ event_id: string }[]>(`SELECT event_id FROM ${NAMES[table]!}`);
    expect(rows.map(({ event_id: id }) => id).sort()).toEqual(ids.sort());
  }
});
