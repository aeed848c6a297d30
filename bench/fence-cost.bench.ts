import { join } from "node:path";
import { expect, it } from "vitest";
import { ours } from "./contestants/ours.ts";
import { eventsTopic, MESSAGES, ROUNDS } from "./load/events.ts";
import { report } from "./measure/cli.ts";
import { mediansOf } from "./measure/medians.ts";
import { measureRun, type Figures } from "./measure/run.ts";
import { figuresTable, goalsTable } from "./measure/table.ts";

const AT_LEAST_ONCE = join(import.meta.dirname, "fence-cost", "at-least-once-member.mjs");

it("costs next to nothing to write exactly once", async () => {
  const topic = await eventsTopic();
  const contestants = [
    ours("exactly once", { stream: "append", topic }),
    ours("at least once", { stream: "append", topic, program: AT_LEAST_ONCE }),
  ];
  const rounds: Figures[][] = contestants.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    // each goes first in every other round
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const at of order) {
      const figures = await measureRun(contestants[at]!, MESSAGES);
      rounds[at]!.push(figures);
      report(`round ${round + 1}: ${figures.name}: ${Math.round(figures.rate)} rows/s`);
    }
  }
  const [exactly, atLeast] = rounds.map(mediansOf);
  report(figuresTable([exactly!, atLeast!]));
  report(
    goalsTable([
      { what: "exactly once / at least once", value: exactly!.rate / atLeast!.rate, atLeast: 0.97 },
      { what: "the same, CPU", value: cpuOf(exactly!) / cpuOf(atLeast!), atMost: 1.03 },
    ]),
  );
  for (const { lost, doubled } of [exactly!, atLeast!])
    expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
});

function cpuOf({ cpu }: Figures): number {
  return cpu.own + cpu.postgres;
}
