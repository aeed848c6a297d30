import kafkajs, { type Consumer } from "kafkajs";
import type { FetchControl } from "./fetch-control.ts";
import { subscriptionAssigner } from "./assigner.ts";
import { RETRY, type KafkaClient } from "./client.ts";

/**
 * A killed member's partitions move after this long; every answered heartbeat starts it anew. The first is the least
 * that brokers allow unless they are told otherwise (group.min.session.timeout.ms); the others are for those that want
 * more. A member that is busy for longer loses its place and nothing else: the fence keeps out what it still writes.
 */
export const SESSIONS_MS: readonly number[] = [6_000, 10_000, 30_000, 60_000];
const HEARTBEAT_MS = 1_000;
/** How long a rebalance waits for members that do not come. */
const REBALANCE_MS = 15_000;
/**
 * How long the broker may hold a fetch that finds nothing; records that come end it at once. Also how often heartbeats
 * get a chance while everything is paused. An idle consumer is woken up so often: with 100 ms it takes twice the CPU.
 */
const FETCH_WAIT_MS = 500;
/** How late a new partition may be noticed. */
const METADATA_MS = 10_000;
/**
 * Compressed, as they come; a batch that is larger comes alone. Small JSON grows tenfold and more when it is decoded:
 * with responses of 8 MiB a process that read 600,000 such records took 900 MB, with these 350, and less CPU.
 */
const PARTITION_BYTES = 512 * 1024;
const RESPONSE_BYTES = 1024 * 1024;

export function openConsumer(client: KafkaClient, group: string, sessionMs: number): Consumer {
  return client.kafka.consumer({
    groupId: group,
    sessionTimeout: sessionMs,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: REBALANCE_MS,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    minBytes: 1,
    maxBytesPerPartition: PARTITION_BYTES,
    maxBytes: RESPONSE_BYTES,
    metadataMaxAge: METADATA_MS,
    allowAutoTopicCreation: false,
    retry: RETRY,
    partitionAssigners: [subscriptionAssigner(client)],
  });
}

export function fetchControl(consumer: Consumer, topic: string): FetchControl {
  const unlessGone = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      // a consumer that crashed has no group any more; its crash event is on its way
      if (!(error instanceof kafkajs.KafkaJSNonRetriableError)) throw error;
    }
  };
  return {
    pause: (partitions) => unlessGone(() => consumer.pause([{ topic, partitions: [...partitions] }])),
    resume: (partition) => unlessGone(() => consumer.resume([{ topic, partitions: [partition] }])),
    seek: (partition, offset) =>
      unlessGone(() => consumer.seek({ topic, partition, offset: offset.toString() })),
  };
}
