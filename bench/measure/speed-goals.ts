import type { Figures } from "./run.ts";
import type { Goal } from "./table.ts";

/** The goals of speed, as ratios of what was measured in one run. */
export function speedGoals(all: readonly Figures[]): readonly Goal[] {
  const ratio = (ours: string, theirs: string, figure: (each: Figures) => number): number | null => {
    const [left, right] = [ours, theirs].map((name) => all.find((each) => each.name === name));
    return left === undefined || right === undefined ? null : figure(left) / figure(right);
  };
  const against = (ours: string, theirs: string, atLeast: number): Goal => ({
    what: `${ours} / ${theirs}`,
    value: ratio(ours, theirs, ({ rate }) => rate),
    atLeast,
  });
  return [
    against("clusterflow append", "COPY", 0.65),
    against("clusterflow keyed", "COPY, key", 0.5),
    against("clusterflow three", "COPY, three tables", 0.45),
    ...["append", "keyed", "three"].map((stream) => ({
      what: `clusterflow ${stream}, peak MB`,
      value: all.find(({ name }) => name === `clusterflow ${stream}`)?.peakMegabytes ?? null,
      atMost: 200,
    })),
    ...PAIRS.flatMap(([stream, mode]) => [
      against(`clusterflow ${stream}`, `Debezium ${mode}`, 3.5),
      ...SIZES.flatMap(([writers, tasks]) => {
        const [ours, theirs] = [`clusterflow ${stream}, ${writers}`, `Debezium ${mode}, tuned, ${tasks}`];
        const cpu = ratio(ours, theirs, (each) => each.cpu.own + each.cpu.postgres);
        const memory = ratio(ours, theirs, ({ peakMegabytes }) => peakMegabytes);
        return [
          against(ours, theirs, 1.5),
          { what: `CPU, ${stream}, ${writers} / ${tasks}`, value: cpu, atMost: 0.75 },
          { what: `memory, ${stream}, ${writers} / ${tasks}`, value: memory, atMost: 0.2 },
        ];
      }),
    ]),
  ];
}

const PAIRS = [
  ["append", "insert"],
  ["keyed", "upsert"],
] as const;

const SIZES = [
  ["1 writer", "1 task"],
  ["2 writers", "2 tasks"],
] as const;
