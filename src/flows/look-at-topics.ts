import type { KafkaSettings } from "../config/parts.ts";
import { sleep } from "../core/signal.ts";
import { openKafka } from "../kafka/client.ts";
import { readRange, topicOffsets } from "../kafka/reader.ts";
import { countTopics, lookAtTopic, type TopicCount, type TopicLook } from "../kafka/topic-look.ts";
import type { RawRecord } from "../pipeline/ports.ts";

/** How often a topic that is followed is asked for more. */
const LOOK_MS = 500;

export async function topicStatus(settings: KafkaSettings, group: string): Promise<TopicLook> {
  using client = openKafka(settings);
  return await lookAtTopic(client, settings.topic, group);
}

export async function listTopics(settings: KafkaSettings): Promise<readonly TopicCount[]> {
  using client = openKafka(settings);
  return await countTopics(client);
}

export interface TailOptions {
  /** Offsets before the end of each partition to begin with. */
  readonly last: bigint;
  /** Stop at the end as it is at the start, instead of at the signal. */
  readonly untilEnd: boolean;
  readonly signal: AbortSignal;
}

/**
 * Shows what a topic holds and what comes, without a consumer group: nobody is disturbed, nothing is moved. Records
 * of one partition come in order.
 */
export async function tailTopic(
  settings: KafkaSettings,
  { last, untilEnd, signal }: TailOptions,
  onRecord: (record: RawRecord) => void,
): Promise<void> {
  const { topic } = settings;
  const seen = new Map<number, bigint>();
  while (!signal.aborted) {
    for (const { partition, low, high } of await topicOffsets(settings, topic)) {
      const from = seen.get(partition) ?? (high - last > low ? high - last : low);
      // a topic that was created anew begins again
      const first = from > high || from < low ? low : from;
      seen.set(partition, high);
      await readRange(settings, { topic, partition, first, last: high - 1n }, (record) => {
        if (!signal.aborted) onRecord(record);
      });
    }
    if (untilEnd) return;
    await sleep(LOOK_MS, signal);
  }
}
