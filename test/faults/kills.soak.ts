import { setTimeout as delay } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { dice } from "../support/dice.ts";
import { SESSIONS_MS } from "../../src/kafka/consumer.ts";
import { natureOf } from "./feed.ts";
import type { Member } from "./member.ts";
import { reconcile } from "./reconcile.ts";
import { World } from "./world.ts";

const KILLS = Number(process.env["KILLS"] ?? 20);
const MESSAGES = Number(process.env["MESSAGES"] ?? 200_000);
const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const PARTITIONS = 12;
const MEMBERS = 3;
/** One in so many is stopped for longer than its session instead, and wakes when others have its partitions. */
const STOPPED = 7;
const KILLED_WITHIN_MS = 100;
const SLICES = 4;

it(
  `${MEMBERS} processes are killed ${KILLS} times over ${MESSAGES} messages (SEED=${SEED})`,
  { timeout: 300_000 + KILLS * 60_000 + MESSAGES },
  async () => {
    const begun = performance.now();
    const random = dice(SEED);
    const servers = { brokers: inject("brokers"), superuser: inject("superuser") };
    await using world = await new World({ servers, partitions: PARTITIONS }).open();
    const living = Array.from({ length: MEMBERS }, () => world.startMember());
    const sleeping: Promise<void>[] = [];
    let moving = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const [from, to] = [kill, kill + 1].map((n) => Math.floor((n * MESSAGES) / KILLS));
      await world.feed.burst(Math.floor((to! - from!) / 2));
      await world.settles(from! + 1);
      const producing = spread(world, to!);
      await delay(random() * KILLED_WITHIN_MS);
      const before = await world.settled();
      const at = Math.floor(random() * living.length);
      const victim = living[at]!;
      living[at] = world.startMember();
      if (Math.floor(random() * STOPPED) === 0) {
        victim.signal("SIGSTOP");
        sleeping.push(wakes(victim));
      } else victim.signal("SIGKILL");
      await producing;
      if (before < to!) moving += 1;
    }
    await Promise.all(sleeping);
    await world.dismiss();
    await world.finish();
    const offences = await reconcile(world);
    const [row] = await world.sql<[{ rows: number; twice: number }]>`
      SELECT count(*)::integer AS rows, (count(*) - count(DISTINCT id))::integer AS twice FROM public.append`;
    const due = Array.from({ length: world.feed.produced }, (_, n) => natureOf(n)).filter(isGood).length;
    const lost = due - (row.rows - row.twice);
    const seconds = Math.round((performance.now() - begun) / 1_000);
    process.stdout.write(
      `${moving} of ${KILLS} kills while records moved, ${sleeping.length} of them sleeps; ${world.feed.produced} messages, ` +
        `${row.rows} rows, ${row.twice} doubled, ${lost} lost; ${seconds} s (SEED=${SEED})\n`,
    );
    expect(offences).toEqual([]);
    expect(moving).toBe(KILLS);
  },
);

function isGood(nature: ReturnType<typeof natureOf>): boolean {
  return nature === "good";
}

/** Up to that number, in slices, so that records still come when somebody is killed. */
async function spread(world: World, to: number): Promise<void> {
  for (let left = SLICES; left > 0; left -= 1) {
    await world.feed.burst(Math.ceil((to - world.feed.produced) / left));
    await delay(KILLED_WITHIN_MS / 2);
  }
}

/** It finds out that it has nothing left, and goes. */
async function wakes(sleeper: Member): Promise<void> {
  await delay(2 * SESSIONS_MS[0]!);
  sleeper.signal("SIGCONT");
  await delay(3_000);
  await sleeper.leave();
}
