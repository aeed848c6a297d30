import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import kafkajs from "kafkajs";
import { inject } from "vitest";
import { eventOf } from "../../test/support/event-streams.mjs";

export interface Pace {
  readonly topic: string;
  /** Id of the first event. */
  readonly from: number;
  readonly perSecond: number;
  readonly seconds: number;
}

const PARTITIONS = 6;
const TICK_MS = 1;

export interface Sent {
  /** The id after the last one. */
  readonly to: number;
  /** Milliseconds from each sending to its acknowledgement, in order of size. */
  readonly acknowledgedAfterMs: readonly number[];
}

/** Sends events at a steady pace, each with the moment of its sending in `at`. */
export async function sendPaced({ topic, from, perSecond, seconds }: Pace): Promise<Sent> {
  const producer = promptKafka().producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const now = microsecondClock();
  const total = perSecond * seconds;
  const acknowledged: Promise<number>[] = [];
  const begun = performance.now();
  for (let sent = 0; sent < total;) {
    await delay(TICK_MS);
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * perSecond)) - sent;
    if (due <= 0) continue;
    const messages = Array.from({ length: due }, (_, i) => messageOf(from + sent + i, now()));
    const sending = performance.now();
    const answer = producer.send({ topic, acks: -1, messages });
    acknowledged.push(answer.then(() => performance.now() - sending));
    sent += due;
  }
  const after = await Promise.all(acknowledged);
  await producer.disconnect();
  return { to: from + total, acknowledgedAfterMs: after.toSorted((left, right) => left - right) };
}

/** kafkajs leaves Nagle's algorithm on, which keeps a small request back until the one before it is answered. */
function promptKafka(): kafkajs.Kafka {
  return new kafkajs.Kafka({
    brokers: inject("brokers"),
    logLevel: kafkajs.logLevel.NOTHING,
    socketFactory: ({ host, port, onConnect }) => connect({ host, port }, onConnect).setNoDelay(true),
  });
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
