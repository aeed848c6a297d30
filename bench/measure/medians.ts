import { median } from "./cli.ts";
import type { Figures } from "./run.ts";

/** The rounds of one contestant as one: the middle of each figure, the worst of what must not happen. */
export function mediansOf(rounds: readonly Figures[]): Figures {
  const middle = (figure: (each: Figures) => number): number => median(rounds.map(figure));
  const worst = (figure: (each: Figures) => number): number => Math.max(...rounds.map(figure));
  return {
    name: rounds[0]!.name,
    rows: rounds[0]!.rows,
    rate: middle(({ rate }) => rate),
    rateFromStart: middle(({ rateFromStart }) => rateFromStart),
    firstRowSeconds: middle(({ firstRowSeconds }) => firstRowSeconds),
    cpu: { own: middle(({ cpu }) => cpu.own), postgres: middle(({ cpu }) => cpu.postgres) },
    peakMegabytes: worst(({ peakMegabytes }) => peakMegabytes),
    lost: worst(({ lost }) => lost),
    doubled: worst(({ doubled }) => doubled),
    content: [...new Set(rounds.map(({ content }) => content))].join(" or "),
  };
}
