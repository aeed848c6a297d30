import { setTimeout as delay } from "node:timers/promises";
import kafkajs from "kafkajs";
import { inject } from "vitest";
import { eventOf } from "../../test/support/event-streams.mjs";
import { plainKafka } from "../../test/support/produce.ts";

export interface Pace {
  readonly topic: string;
  /** Id of the first event. */
  readonly from: number;
  readonly perSecond: number;
  readonly seconds: number;
}

const PARTITIONS = 6;
const TICK_MS = 1;

/** Sends events at a steady pace, each with the moment of its sending in `at`; gives the id after the last one. */
export async function sendPaced({ topic, from, perSecond, seconds }: Pace): Promise<number> {
  const producer = plainKafka(inject("brokers")).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const now = microsecondClock();
  const total = perSecond * seconds;
  const acknowledged: Promise<unknown>[] = [];
  const begun = performance.now();
  for (let sent = 0; sent < total;) {
    await delay(TICK_MS);
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * perSecond)) - sent;
    if (due <= 0) continue;
    const messages = Array.from({ length: due }, (_, i) => messageOf(from + sent + i, now()));
    acknowledged.push(producer.send({ topic, acks: -1, messages }));
    sent += due;
  }
  await Promise.all(acknowledged);
  await producer.disconnect();
  return from + total;
}

function messageOf(n: number, at: string): kafkajs.Message {
  return { key: null, value: JSON.stringify({ ...eventOf(n), at }), partition: n % PARTITIONS };
}

/** The system's clock, by which PostgreSQL goes too, finer than `Date` tells it: set at the edge of a millisecond. */
function microsecondClock(): () => string {
  const before = Date.now();
  let edge = before;
  while (edge === before) edge = Date.now();
  const offset = edge - performance.now();
  return () => {
    const now = offset + performance.now();
    const microseconds = String(Math.floor((now % 1) * 1000)).padStart(3, "0");
    return new Date(Math.floor(now)).toISOString().replace("Z", `${microseconds}Z`);
  };
}
