import { execFileSync, spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { rateOf } from "../../bench/measure/rate.ts";
import { mediansOf } from "../../bench/measure/medians.ts";
import { cpuSecondsOf, cpuSecondsOfTree, peakMegabytesOf } from "../../bench/measure/processes.ts";
import type { Figures } from "../../bench/measure/run.ts";
import { speedGoals } from "../../bench/measure/speed-goals.ts";
import { figuresTable, goalsTable } from "../../bench/measure/table.ts";

const FIGURES: Figures = {
  ...{ name: "COPY", rows: 100, rate: 1000, rateFromStart: 900, firstRowSeconds: 0.1 },
  ...{ cpu: { own: 1, postgres: 2 }, peakMegabytes: 10, lost: 0, doubled: 0, content: "1" },
};

it("takes a rate from the first commit to the last one, without the rows of the first", () => {
  const commits = [50, 10, 40].map((rows, at) => ({ at: 1000 + 500 * at, rows }));
  expect(rateOf(commits)).toBe(50);
});

it("takes the middle of figures, and the worst of what must not happen", () => {
  const rounds = [1000, 3000, 2000].map((rate, round) => ({ ...FIGURES, rate, lost: round === 1 ? 7 : 0 }));
  expect(mediansOf(rounds)).toEqual({ ...FIGURES, rate: 2000, lost: 7 });
});

it("tells a goal that is reached from one that is missed and one that was not run", () => {
  const goals = [
    { what: "quick", value: 0.65, atLeast: 0.65 },
    { what: "slow", value: 0.64, atLeast: 0.65 },
    { what: "small", value: 200, atMost: 200 },
    { what: "large", value: 201, atMost: 200 },
    { what: "absent", value: null, atMost: 200 },
  ];
  const outcomes = goalsTable(goals).split("\n").slice(2);
  expect(outcomes.map((line) => line.split("|")[4]?.trim())).toEqual([
    ...["reached", "missed", "reached", "missed", "not run"],
  ]);
});

it("holds ours against COPY and against the sink with as many writers as it has tasks", () => {
  const ours = { ...FIGURES, name: "clusterflow append, 2 writers", rate: 3000, peakMegabytes: 150 };
  const sink = { ...FIGURES, name: "Debezium insert, tuned, 2 tasks", rate: 2000, peakMegabytes: 1000 };
  const default3 = { ...FIGURES, name: "clusterflow append", rate: 700 };
  const known = speedGoals([FIGURES, ours, sink, default3]).filter(({ value }) => value !== null);
  expect(known.map(({ what, value }) => [what, value])).toEqual([
    ["clusterflow append / COPY", 0.7],
    ["clusterflow append, peak MB", 10],
    ["clusterflow append, 2 writers / Debezium insert, tuned, 2 tasks", 1.5],
    ["… CPU", 1],
    ["… memory", 0.15],
  ]);
});

it("says which contestant stored other rows than the first one", () => {
  const lines = figuresTable([FIGURES, { ...FIGURES, name: "other", content: "2" }]).split("\n");
  expect(lines.slice(2).map((line) => line.split("|").at(-2)?.trim())).toEqual(["yes", "no"]);
});

it.runIf(process.platform === "linux")("counts what children that have ended have used", () => {
  const before = cpuSecondsOf(process.pid)!;
  const alone = cpuSecondsOfTree(process.pid);
  execFileSync(process.execPath, ["-e", "for (const end = Date.now() + 400; Date.now() < end; );"]);
  expect(cpuSecondsOf(process.pid)! - before).toBeGreaterThan(0.05);
  expect(cpuSecondsOfTree(process.pid) - alone).toBeGreaterThan(0.05);
  expect(peakMegabytesOf(process.pid)).toBeGreaterThan(20);
});

it("knows nothing of a process that is gone", () => {
  const { pid } = spawnSync("true");
  expect([cpuSecondsOf(pid), peakMegabytesOf(pid)]).toEqual([null, null]);
});
