/** Parts of packages that carry no types of their own: only what this room calls. */

declare module "snappyjs" {
  /** Throws when the stream is broken or says that it is longer than `maxLength` bytes. */
  export function compress(plain: Buffer): Uint8Array;
  export function uncompress(compressed: Buffer, maxLength: number): Buffer;
}

declare module "lz4js" {
  /**
   * Decompresses one block into `target` from `size` on, and returns the new size: more than `target.length`, or NaN,
   * when the block is broken or does not fit.
   */
  export function decompressBlock(
    source: Buffer,
    target: Buffer,
    at: number,
    length: number,
    size: number,
  ): number;
}

declare module "kafkajs/src/network/requestQueue/index.js" {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    /** Milliseconds since 1970 until which nothing may be sent; -1 when the broker did not ask for a pause. */
    readonly throttledUntil: number;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }
}

declare module "kafkajs/src/consumer/consumerGroup.js" {
  export interface TopicPartitions {
    readonly topic: string;
    readonly partitions: readonly number[];
  }

  export default class ConsumerGroup {
    /** Sends one unless that was done within so many milliseconds, by the calendar. */
    heartbeat: (this: ConsumerGroup, options: { readonly interval: number }) => Promise<void>;
    /** Milliseconds. */
    maxWaitTime: number;
    readonly subscriptionState: {
      assign(partitions: readonly TopicPartitions[]): void;
      /** What is assigned, in the order in which it is fetched. */
      assigned: () => readonly TopicPartitions[];
      /** What is assigned and not paused. */
      active(): readonly TopicPartitions[];
      paused(): readonly TopicPartitions[];
    };
    pause: (partitions: readonly TopicPartitions[]) => void;
    resume: (this: ConsumerGroup, partitions: readonly TopicPartitions[]) => void;
    fetch: (this: ConsumerGroup, nodeId: string) => Promise<unknown>;
  }
}

declare module "kafkajs/src/protocol/decoder.js" {
  export default class Decoder {
    offset: number;
    readInt32(): number;
    canReadBytes(length: number): boolean;
    readBytes(length: number): Buffer;
  }
}

declare module "kafkajs/src/protocol/encoder.js" {
  export default class Encoder {
    writeBuffer(bytes: Buffer): this;
  }
}

declare module "kafkajs/src/protocol/message/compression/index.js" {
  export function lookupCodecByAttributes(
    attributes: number,
  ): { decompress(compressed: Buffer): Promise<Buffer> } | null;
}

declare module "kafkajs/src/consumer/batch.js" {
  import type { KafkaMessage } from "kafkajs";

  export default class Batch {
    constructor(topic: string, fetchedOffset: string, partitionData: unknown);
    /** The offset that was asked for. */
    readonly fetchedOffset: string;
    /** Everything the broker sent, before aborted, control and earlier records are taken out. */
    readonly rawMessages: readonly KafkaMessage[];
    readonly messages: readonly KafkaMessage[];
    isEmpty(): boolean;
    isEmptyDueToFiltering(): boolean;
    lastOffset(): string;
  }
}

declare module "kafkajs/src/cluster/index.js" {
  import type { ISocketFactory, KafkaConfig, Logger, RetryOptions } from "kafkajs";

  export interface FetchRequest {
    readonly maxWaitTime: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly isolationLevel: number;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly fetchOffset: string;
        readonly maxBytes: number;
      }[];
    }[];
  }

  export interface BrokerRequest {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<unknown>;
  }

  export interface Broker {
    /** By API key. */
    readonly versions: Readonly<Record<number, { readonly maxVersion: number } | undefined>>;
    readonly connectionPool: {
      send<Decoded, T>(exchange: {
        readonly request: BrokerRequest;
        readonly response: {
          decode(bytes: Buffer): Promise<Decoded>;
          parse(decoded: Decoded): Promise<T>;
        };
      }): Promise<T>;
    };
    leaveGroup(member: { readonly groupId: string; readonly memberId: string }): Promise<unknown>;
    fetch(request: FetchRequest): Promise<{
      readonly responses: readonly {
        readonly topicName: string;
        readonly partitions: readonly { readonly partition: number }[];
      }[];
    }>;
  }

  export default class Cluster {
    constructor(options: {
      readonly logger: Logger;
      readonly socketFactory: ISocketFactory;
      readonly brokers: readonly string[];
      readonly clientId: string;
      readonly connectionTimeout: number;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly metadataMaxAge: number;
      readonly retry: RetryOptions;
      readonly allowAutoTopicCreation: boolean;
      readonly isolationLevel: number;
      readonly sasl?: KafkaConfig["sasl"];
      readonly reauthenticationThreshold?: number;
    });
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    addTargetTopic(topic: string): Promise<void>;
    findLeaderForPartitions(
      topic: string,
      partitions: readonly number[],
    ): Readonly<Record<string, readonly number[]>>;
    findGroupCoordinator(options: { readonly groupId: string }): Promise<Broker>;
    findBroker(options: { readonly nodeId: string }): Promise<Broker>;
  }
}
