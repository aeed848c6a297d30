import { inject } from "vitest";
import { readRange, topicOffsets } from "../../src/kafka/reader.ts";

export interface TopicReconciliation {
  /** Acknowledged events. */
  readonly acknowledged: number;
  /** Those that the topic does not hold, and messages of them beyond the first. */
  readonly lost: number;
  readonly doubled: number;
}

export interface Posted {
  /** They have the numbers from 0 on. */
  readonly events: number;
  /** Numbers of events that were not acknowledged: they may be there or not. */
  readonly notAcknowledged: ReadonlySet<number>;
}

/** Reads the topic, and looks for each event that was acknowledged. */
export async function reconcileTopic(
  topic: string,
  { events, notAcknowledged }: Posted,
): Promise<TopicReconciliation> {
  const found = await countEvents(topic, events);
  const wanted = Array.from(found, (count, n) => ({ count, n })).filter(({ n }) => !notAcknowledged.has(n));
  return {
    acknowledged: wanted.length,
    lost: wanted.filter(({ count }) => count === 0).length,
    doubled: wanted.reduce((sum, { count }) => sum + Math.max(0, count - 1), 0),
  };
}

/** How often the topic holds each. */
async function countEvents(topic: string, events: number): Promise<Uint8Array> {
  const settings = { brokers: inject("brokers"), topic };
  const found = new Uint8Array(events);
  for (const { partition, low, high } of await topicOffsets(settings, topic)) {
    await readRange(settings, { topic, partition, first: low, last: high - 1n }, ({ value }) => {
      const n = Number(/"event_id":"[^"]*\/(\d+)"/.exec(value!.toString("latin1", 0, 100))?.[1]);
      found[n] = (found[n] ?? 0) + 1;
    });
  }
  return found;
}
