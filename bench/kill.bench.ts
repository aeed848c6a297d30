import { expect, it } from "vitest";
import { TABLES } from "../test/support/event-streams.mjs";
import { killedDebezium } from "./kill/debezium.ts";
import { killAndRestart, type Survival } from "./kill/kill-and-restart.ts";
import { killedMember } from "./kill/member.ts";
import { eventsTopic, MESSAGES, ROUNDS } from "./load/events.ts";
import { median, report } from "./measure/cli.ts";
import { goalsTable } from "./measure/table.ts";
import { Store } from "./measure/store.ts";

it("goes on after a kill -9 in the middle, beside Debezium's sink", async () => {
  const topic = await eventsTopic();
  const rivals = /debezium/i.test(process.env["CONTESTANTS"] ?? "debezium") ? [killedDebezium] : [];
  const rounds = new Map<string, Survival[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const open of [killedMember, ...rivals]) {
      await using store = await Store.open(TABLES["append"]!);
      await using victim = await open(store, topic);
      const survival = await killAndRestart(victim, store, MESSAGES);
      rounds.set(victim.name, [...(rounds.get(victim.name) ?? []), survival]);
      report(
        `${victim.name}, killed at ${survival.killedAt} of ${MESSAGES} rows: ${survival.lost} lost, ` +
          `${survival.doubled} doubled, first new row after ${survival.firstNewRowSeconds.toFixed(1)} s`,
      );
    }
  }
  const own = rounds.get("clusterflow")!;
  const seconds = median(own.map(({ firstNewRowSeconds }) => firstNewRowSeconds));
  report(goalsTable([{ what: "clusterflow, kill to first new row, s", value: seconds, atMost: 10 }]));
  for (const { lost, doubled } of own) expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
});
