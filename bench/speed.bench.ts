import { expect, it } from "vitest";
import { eventsTopic, MESSAGES, ROUNDS } from "./load/events.ts";
import { lineUp } from "./load/line-up.ts";
import { report } from "./measure/cli.ts";
import { mediansOf } from "./measure/medians.ts";
import { measureRun, type Figures } from "./measure/run.ts";
import { speedGoals } from "./measure/speed-goals.ts";
import { figuresTable, goalsTable } from "./measure/table.ts";

it("brings a topic into PostgreSQL, beside COPY and Debezium's sink", async () => {
  const contestants = lineUp(await eventsTopic());
  const runs = new Map<string, Figures[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contestant of contestants) {
      const figures = await measureRun(contestant, MESSAGES);
      runs.get(contestant.name)!.push(figures);
      report(`round ${round + 1}: ${figures.name}: ${Math.round(figures.rate)} rows/s`);
    }
  }
  const medians = [...runs.values()].map(mediansOf);
  report(`${MESSAGES} events, medians of ${ROUNDS}\n${figuresTable(medians)}\n`);
  report(goalsTable(speedGoals(medians)));
  for (const { name, lost, doubled } of medians.filter(({ name }) => name.startsWith("clusterflow")))
    expect({ name, lost, doubled }).toEqual({ name, lost: 0, doubled: 0 });
});
