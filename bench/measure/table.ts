import type { Figures } from "./run.ts";

/** A ratio or a figure, and what it has to be; null when a part of it was not run. */
export interface Goal {
  readonly what: string;
  readonly value: number | null;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One line for each contestant. `same rows`: as the first one that brought the same events. */
export function figuresTable(all: readonly Figures[]): string {
  const content = all[0]?.content;
  return tableOf([
    [
      "",
      "rows/s",
      "from start",
      "first row s",
      "CPU s/M own + PostgreSQL",
      "peak MB",
      "lost",
      "doubled",
      "same rows",
    ],
    ...all.map((each) => [
      each.name,
      String(Math.round(each.rate)),
      String(Math.round(each.rateFromStart)),
      each.firstRowSeconds.toFixed(2),
      `${each.cpu.own.toFixed(1)} + ${each.cpu.postgres.toFixed(1)}`,
      String(Math.round(each.peakMegabytes)),
      String(each.lost),
      String(each.doubled),
      each.content === content ? "yes" : "no",
    ]),
  ]);
}

export function goalsTable(goals: readonly Goal[]): string {
  return tableOf([
    ["", "measured", "goal", ""],
    ...goals.map(({ what, value, atLeast, atMost }) => {
      const isReached = value !== null && value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
      const goal = atLeast === undefined ? `<= ${atMost!}` : `>= ${atLeast}`;
      const outcome = value === null ? "not run" : isReached ? "reached" : "missed";
      return [what, value === null ? "" : rounded(value), goal, outcome];
    }),
  ]);
}

function rounded(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}

/** As Markdown, so that it can be pasted into the README. */
export function tableOf([head, ...lines]: readonly (readonly string[])[]): string {
  const widths = head!.map((word, at) =>
    Math.max(word.length, 3, ...lines.map((line) => line[at]?.length ?? 0)),
  );
  const drawn = (line: readonly string[]): string =>
    `| ${line.map((word, at) => word.padEnd(widths[at]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [drawn(head!), drawn(rule), ...lines.map(drawn)].join("\n");
}
