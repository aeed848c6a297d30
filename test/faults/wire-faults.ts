import { setTimeout as delay } from "node:timers/promises";
import { dice } from "../support/dice.ts";
import type { Wire } from "../support/wire.ts";
import type { Fault } from "./fault.ts";
import type { World } from "./world.ts";

/** How many times a wire is cut, or an answer swallowed. */
const TIMES = 8;
const LASTS_MS = 8_000;
/** Above the time-out of every request. */
const BLACK_MS = 20_000;
const FELT_WITHIN_MS = 60_000;

/** The end of a statement's answer: it is carried out and committed, and the server is ready for the next one. */
const IS_DONE = "SELECT 1\0";
const IS_READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

const WIRES = ["Kafka's wire", "PostgreSQL's wire"] as const;

export const WIRE_FAULTS: readonly Fault[] = [
  ...WIRES.flatMap((kind): Fault[] => [
    {
      ...wireFault(`${kind} is cut in the middle of what is asked`, kind),
      inject: (world) => cuts(world, "asking", kind === "Kafka's wire" ? 2_000 : 200_000),
    },
    {
      ...wireFault(`${kind} is cut in the middle of an answer`, kind),
      inject: (world) => cuts(world, "answering", kind === "Kafka's wire" ? 200_000 : 400),
    },
    {
      ...wireFault(`${kind} is late by 100 ms`, kind),
      inject: (world) => lasting(world, LASTS_MS, { delayMs: 100 }),
    },
    {
      ...wireFault(`${kind} is slow`, kind),
      inject: (world) => lasting(world, LASTS_MS, { bytesPerSecond: 400_000 }),
    },
    {
      ...wireFault(`${kind} is a black hole`, kind),
      isLong: true,
      inject: (world) => lasting(world, BLACK_MS, { isBlackHole: true }),
    },
  ]),
  {
    ...wireFault("PostgreSQL's wire swallows answers of committed statements", "PostgreSQL's wire"),
    inject: swallows,
  },
];

function wireFault(name: string, kind: (typeof WIRES)[number]): Omit<Fault, "inject"> {
  return { name, kind, members: 1, perSecond: 1_000 };
}

async function cuts(world: World, way: "asking" | "answering", most: number): Promise<void> {
  const random = dice(most);
  await world.moves();
  for (let time = 0; time < TIMES; time += 1) {
    world.wire.cutAfter = { way, bytes: 1 + Math.floor(random() * most) };
    await isFelt(world.wire, time + 1);
    await delay(300);
  }
  await world.moves();
}

/** What the server has done and nobody hears of may neither be done again nor be taken for not done. */
async function swallows(world: World): Promise<void> {
  await world.moves();
  for (let time = 0; time < TIMES; time += 1) {
    world.wire.swallow = (answer) => answer.includes(IS_DONE) && answer.subarray(-6).equals(IS_READY);
    await isFelt(world.wire, time + 1);
    await world.moves();
  }
}

async function lasting(
  world: World,
  ms: number,
  trouble: Partial<Pick<Wire, "delayMs" | "bytesPerSecond" | "isBlackHole">>,
): Promise<void> {
  await world.moves();
  Object.assign(world.wire, trouble);
  await isFelt(world.wire, 1);
  await delay(ms);
  Object.assign(world.wire, { delayMs: 0, bytesPerSecond: null, isBlackHole: false });
  await world.moves();
}

async function isFelt(wire: Wire, times: number): Promise<void> {
  const until = performance.now() + FELT_WITHIN_MS;
  while (wire.felt < times) {
    if (performance.now() > until) throw new Error(`the wire's fault number ${times} was not felt`);
    await delay(10);
  }
}
