import { setTimeout as delay } from "node:timers/promises";
import type { Message, Producer } from "kafkajs";
import { exactProducer } from "../support/produce.ts";
import { eventOf } from "./events.ts";

const REQUEST_EVENTS = 2_000;
const PAUSE_MS = 100;

/** What the n-th event is: good, refused by the stream, or refused by PostgreSQL, whose batch is then halved. */
export function natureOf(n: number): "good" | "no JSON" | "no row" {
  if (n % 997 === 13) return "no JSON";
  return n % 7_919 === 3_001 ? "no row" : "good";
}

/** Numbered events for one topic, each produced once: the producer is idempotent and its broker is well. */
export class Feed implements AsyncDisposable {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #partitions: number;
  #produced = 0;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(brokers: readonly string[], topic: string, partitions: number) {
    this.#topic = topic;
    this.#partitions = partitions;
    this.#producer = exactProducer(brokers);
  }

  /** Events 0 to this one, without it, are in the topic. */
  get produced(): number {
    return this.#produced;
  }

  async connect(): Promise<void> {
    await this.#producer.connect();
  }

  async burst(events: number): Promise<void> {
    for (const end = this.#produced + events; this.#produced < end;) {
      const size = Math.min(REQUEST_EVENTS, end - this.#produced);
      const messages = Array.from({ length: size }, (_, i) => this.#messageOf(this.#produced + i));
      await this.#producer.send({ topic: this.#topic, acks: -1, messages });
      this.#produced += size;
    }
  }

  /** Goes on in the background until it is stopped. */
  start(perSecond: number): void {
    this.#isStopped = false;
    const pace = async (): Promise<void> => {
      while (!this.#isStopped) {
        await this.burst(Math.ceil((perSecond * PAUSE_MS) / 1_000));
        await delay(PAUSE_MS);
      }
    };
    this.#running = pace();
    this.#running.catch(() => undefined); // whoever stops it hears of it
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => undefined);
    await this.#producer.disconnect();
  }

  #messageOf(n: number): Message {
    return { partition: n % this.#partitions, key: `${n}`, value: valueOf(n) };
  }
}

function valueOf(n: number): string {
  switch (natureOf(n)) {
    case "no JSON":
      return `{"id": ${n}, `;
    case "no row":
      return JSON.stringify({ ...eventOf(n), amount: "much" });
    case "good":
      return JSON.stringify(eventOf(n));
  }
}
