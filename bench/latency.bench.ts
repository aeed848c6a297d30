import { setTimeout as delay } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { TABLES } from "../test/support/event-streams.mjs";
import { createTopic } from "../test/support/produce.ts";
import { testTopicName } from "../test/support/servers.ts";
import { ours } from "./contestants/ours.ts";
import { MESSAGES, produceEvents } from "./load/events.ts";
import { sendPaced, type Sent } from "./load/paced.ts";
import { report } from "./measure/cli.ts";
import { latencyOf } from "./measure/latency.ts";
import { cpuSecondsOf, peakMegabytesOf } from "./measure/processes.ts";
import { rateOf } from "./measure/rate.ts";
import { waitForRows } from "./measure/run.ts";
import { Store } from "./measure/store.ts";
import { goalsTable, type Goal } from "./measure/table.ts";

const TABLE = `${TABLES["append"]!}; ALTER TABLE public.append ADD stored timestamptz DEFAULT clock_timestamp()`;
const WARM_UP_S = 3;
const SECONDS = 10;
const IDLE_S = 30;

it("is quick with little to do, with a backlog right after, and quiet with nothing", async () => {
  const topic = testTopicName("latency");
  await createTopic(inject("brokers"), topic, 6);
  await using store = await Store.open(TABLE);
  await using ready = await ours("clusterflow", { stream: "append", topic }).ready(store);
  const { pid } = await ready.start();
  const goals: Goal[] = [];
  let next = 0;
  for (const perSecond of [200, 1000, 5000]) {
    const { to: from } = await sendPaced({ topic, from: next, perSecond, seconds: WARM_UP_S });
    const before = cpuSecondsOf(pid)!;
    const sent = await sendPaced({ topic, from, perSecond, seconds: SECONDS });
    const cores = (cpuSecondsOf(pid)! - before) / SECONDS;
    report(`${perSecond} events/s: ${acknowledgement(sent)}; consumer ${cores.toFixed(2)} of a core`);
    next = sent.to;
    await waitForRows(store, { rows: next, pid });
    goals.push(...(await latencyGoals(store, perSecond, [from, next])));
  }
  const backlog = await takeBacklog(store, topic, pid, next);
  goals.push({ what: "peak MB after the backlog", value: peakMegabytesOf(pid), atMost: 200 });
  goals.push({ what: "idle, % of a core", value: await idlePercent(pid), atMost: 1 });
  report(`backlog of ${MESSAGES} events in the same process: ${Math.round(backlog)} rows/s`);
  report(goalsTable(goals));
  const { lost, doubled } = await store.reconcile(next + MESSAGES);
  expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
});

async function latencyGoals(
  store: Store,
  perSecond: number,
  [from, to]: readonly [number, number],
): Promise<Goal[]> {
  const stored = await latencyOf(store, "stored", from, to);
  const committed = await latencyOf(store, "committed", from, to);
  const told = Object.entries({ stored, committed }).map(
    ([moment, { p50, p99, p999 }]) => `${moment} after p50 ${ms(p50)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}`,
  );
  report(`${perSecond} events/s: ${told.join("; ")}`);
  if (perSecond < 5000) return [];
  return [
    { what: `p50 at ${perSecond}/s, ms`, value: committed.p50, atMost: 3 },
    { what: `p99 at ${perSecond}/s, ms`, value: committed.p99, atMost: 12 },
  ];
}

/** A lock keeps the rows out until all the events are there. */
async function takeBacklog(store: Store, topic: string, pid: number, from: number): Promise<number> {
  const to = from + MESSAGES;
  const unlock = await store.lock("public.append");
  await produceEvents(topic, from, to);
  const begun = Date.now();
  await unlock();
  await waitForRows(store, { rows: to, pid });
  const commits = (await store.commits()).filter(({ at }) => at >= begun);
  return rateOf(commits);
}

async function idlePercent(pid: number): Promise<number> {
  await delay(5_000);
  const before = cpuSecondsOf(pid)!;
  await delay(IDLE_S * 1000);
  return (100 * (cpuSecondsOf(pid)! - before)) / IDLE_S;
}

/** The producer's and the broker's part of it. */
function acknowledgement({ acknowledgedAfterMs: after }: Sent): string {
  const [p50, p99] = [0.5, 0.99].map((part) => after[Math.floor(part * after.length)]!);
  return `acknowledged after p50 ${ms(p50!)}, p99 ${ms(p99!)}`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
