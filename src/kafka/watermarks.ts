import type { Claim } from "../pipeline/ports.ts";
import { ClusterflowError } from "../core/errors.ts";
import { withAdmin } from "./admin.ts";
import type { KafkaClient } from "./client.ts";
import { fetchTopicId } from "./topic-id.ts";

/** What a partition holds: from `low` on, up to but without `high`. */
export interface Watermarks {
  readonly partition: number;
  readonly low: bigint;
  /** End of what is committed: records of transactions that are still open lie behind it. */
  readonly high: bigint;
}

/** A partition's watermarks, and which topic of its name it belongs to; null when the brokers do not say. */
export interface Standing extends Watermarks {
  readonly topicId: string | null;
}

/** What a position has to be compared with, for all partitions of a topic. */
export async function fetchStandings(
  client: KafkaClient,
  topic: string,
): Promise<ReadonlyMap<number, Standing>> {
  const [marks, topicId] = await Promise.all([fetchWatermarks(client, topic), fetchTopicId(client, topic)]);
  return new Map([...marks].map(([partition, mark]) => [partition, { ...mark, topicId }]));
}

/** The watermarks of all partitions of a topic, by partition. */
export async function fetchWatermarks(
  client: KafkaClient,
  topic: string,
): Promise<ReadonlyMap<number, Watermarks>> {
  const offsets = await withAdmin(client, topic, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(
    offsets.map(({ partition, low, high }) => [
      partition,
      { partition, low: BigInt(low), high: BigInt(high) },
    ]),
  );
}

/**
 * What is wrong with a group's position, or null. kafkajs would go on at the earliest offset without a word; records
 * that nobody read would be lost, or those of a new topic mistaken for old ones.
 */
export function positionFault(
  group: string,
  claim: Claim,
  marks: Standing | undefined,
): ClusterflowError | null {
  const where = `partition ${claim.partition} of topic "${claim.topic}"`;
  const detail = { code: "wrong", hint: "with the same flags: clusterflow consume --from earliest" } as const;
  if (marks === undefined) {
    return new ClusterflowError(
      `${where} is gone, group "${group}" had read it up to offset ${claim.next}`,
      detail,
    );
  }
  if (claim.topicId !== null && marks.topicId !== null && claim.topicId !== marks.topicId) {
    return new ClusterflowError(
      `group "${group}" has stored ${where} up to offset ${claim.next}, but this is another topic of that name: ` +
        `it was deleted and created anew`,
      detail,
    );
  }
  if (claim.next < marks.low) {
    const count = marks.low - claim.next;
    return new ClusterflowError(
      `lost: Kafka no longer has offsets ${claim.next} to ${marks.low - 1n} (${count}) of ${where}; ` +
        `they were deleted before group "${group}" had stored them`,
      detail,
    );
  }
  if (claim.next > marks.high) {
    return new ClusterflowError(
      `group "${group}" has stored ${where} up to offset ${claim.next}, but the topic ends at ${marks.high}: ` +
        `it was created anew, or cut off`,
      detail,
    );
  }
  return null;
}
