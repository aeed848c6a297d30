import { setTimeout as delay } from "node:timers/promises";
import type { Point } from "../../src/pipeline/points.ts";
import { SESSIONS_MS } from "../../src/kafka/consumer.ts";
import type { Fault } from "./fault.ts";
import type { Member } from "./member.ts";
import type { World } from "./world.ts";

/** By the time when it happens records are moving, wherever something moves before that point. */
const NTH: Readonly<Record<Exclude<Point, "fenced">, number>> = {
  claimed: 1,
  sought: 2,
  fetched: 5,
  cut: 5,
  sent: 6,
  answered: 7,
  stored: 7,
  committed: 2,
  halved: 1,
  drain: 1,
  left: 1,
};
const POINTS = Object.keys(NTH) as (keyof typeof NTH)[];

/** A batch that was not handed to the driver yet is handed to it by the process that wakes. */
const WAKES_WITH_A_BATCH: ReadonlySet<Point> = new Set(["fetched", "cut", "halved"]);

/** A process gets there when it is told to leave. */
const LEAVING: ReadonlySet<Point> = new Set(["drain", "left"]);

/** Every point, and everything that a process can do to itself there. */
export const POINT_FAULTS: readonly Fault[] = [
  ...POINTS.map((point, n) => ({
    ...atPoint(point, "kill"),
    members: n % 2 === 0 ? (3 as const) : (1 as const),
    perSecond: 3_000,
    inject: (world: World) => seesItKilled(world, point),
  })),
  ...POINTS.map((point, n) => ({
    ...atPoint(point, "throw"),
    members: n % 2 === 0 ? (1 as const) : (3 as const),
    perSecond: 3_000,
    inject: (world: World) => seesItThrow(world, point),
  })),
  ...POINTS.map((point) => ({
    ...atPoint(point, "stop"),
    ...(WAKES_WITH_A_BATCH.has(point) ? { isFenced: true as const } : {}),
    members: 1 as const,
    perSecond: 1_000,
    inject: (world: World) => seesItSleep(world, point),
  })),
  {
    ...atPoint("cut", "stop"),
    name: 'stop at "cut", and its heir has claimed everything and written nothing',
    isFenced: true,
    members: 1,
    perSecond: 1_000,
    inject: wakesBeforeItsHeirWrites,
  },
];

function atPoint(
  point: keyof typeof NTH,
  kind: "kill" | "throw" | "stop",
): Pick<Fault, "name" | "kind" | "at"> {
  return { name: `${kind} at "${point}"`, kind, at: { point, nth: NTH[point] } };
}

async function seesItKilled(world: World, point: Point): Promise<void> {
  const victim = await struck(world, point);
  await victim.ended(10_000);
  if (victim.status !== "SIGKILL") throw new Error(`killed, it ended by ${String(victim.status)}`);
}

/** It may end, or build its consumer anew and go on. */
async function seesItThrow(world: World, point: Point): Promise<void> {
  const victim = await struck(world, point);
  await Promise.race([victim.ended(60_000), delay(4_000)]);
}

/** Longer than the group waits for it; meanwhile another process has everything, and then it wakes. */
async function seesItSleep(world: World, point: Point): Promise<void> {
  const sleeper = await struck(world, point);
  const begun = performance.now();
  const heir = world.startMember();
  const hasAll = (): boolean => heir.of("assigned").some((report) => report.partitions === world.partitions);
  await heir.until("word that it has all partitions", hasAll);
  await world.moves();
  await delay(begun + 3 * SESSIONS_MS[0]! - performance.now());
  sleeper.signal("SIGCONT");
  if (LEAVING.has(point)) return sleeper.ended(30_000);
  await delay(3_000);
  await world.moves();
}

/** The offset is still where the sleeper's batch begins: nothing but the epoch keeps its write out. */
async function wakesBeforeItsHeirWrites(world: World): Promise<void> {
  const sleeper = await struck(world, "cut");
  const heir = world.startMember({ fault: "cut:stop:1" });
  await heir.until("claim of all partitions", () => heir.of("fault").length === 1);
  sleeper.signal("SIGCONT");
  await sleeper.until("refused write", () => sleeper.of("write-refused").length > 0, 5_000);
  heir.signal("SIGCONT");
  await world.moves();
}

/** The first process, when it has done it. */
async function struck(world: World, point: Point): Promise<Member> {
  const [victim] = world.members;
  if (victim === undefined) throw new Error("nobody is there");
  if (LEAVING.has(point)) {
    await victim.until("batch", () => victim.of("batch-stored").length > 3);
    victim.signal("SIGTERM");
  }
  await victim.until(`fault at "${point}"`, () => victim.of("fault").length === 1);
  return victim;
}
