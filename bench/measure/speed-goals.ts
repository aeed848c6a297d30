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
    ...PAIRS.flatMap(([stream, mode]) =>
      SIZES.flatMap(({ writers, tasks, atLeast }) => {
        const [ours, theirs] = [`clusterflow ${stream}${writers}`, `Debezium ${mode}${tasks}`];
        const cpu = ratio(ours, theirs, (each) => each.cpu.own + each.cpu.postgres);
        const memory = ratio(ours, theirs, ({ peakMegabytes }) => peakMegabytes);
        return [
          against(ours, theirs, atLeast),
          { what: "… CPU", value: cpu, atMost: 0.75 },
          { what: "… memory", value: memory, atMost: 0.2 },
        ];
      }),
    ),
  ];
}

const PAIRS = [
  ["append", "insert"],
  ["keyed", "upsert"],
] as const;

/** Its defaults against ours, and its best with as many writers as it has tasks. */
const SIZES = [
  { writers: "", tasks: "", atLeast: 3.5 },
  { writers: ", 1 writer", tasks: ", tuned, 1 task", atLeast: 1.5 },
  { writers: ", 2 writers", tasks: ", tuned, 2 tasks", atLeast: 1.5 },
] as const;
