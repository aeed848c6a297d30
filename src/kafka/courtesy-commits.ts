import type { Consumer } from "kafkajs";
import { reached } from "../pipeline/points.ts";

/**
 * Tells Kafka how far the group is, for tools that show lag. Nothing reads these offsets back and a failure means
 * nothing: the truth is in the ledger.
 */
export class CourtesyCommits {
  readonly #consumer: Consumer;
  readonly #topic: string;
  readonly #moved = new Map<number, bigint>();
  #committing: Promise<void> | null = null;

  constructor(consumer: Consumer, topic: string) {
    this.#consumer = consumer;
    this.#topic = topic;
  }

  note(partition: number, next: bigint): void {
    this.#moved.set(partition, next);
  }

  /** Never rejects; does nothing while an earlier commit is on its way. */
  async commit(): Promise<void> {
    if (this.#committing !== null || this.#moved.size === 0) return;
    this.#committing = this.#commitMoved();
    await this.#committing;
    this.#committing = null;
  }

  /** The last one: after whatever is on its way. */
  async flush(): Promise<void> {
    await this.#committing;
    this.#committing = null;
    await this.commit();
  }

  async #commitMoved(): Promise<void> {
    const offsets = [...this.#moved].map(([partition, next]) => ({
      topic: this.#topic,
      partition,
      offset: next.toString(),
    }));
    this.#moved.clear();
    try {
      await this.#consumer.commitOffsets(offsets);
      reached("committed");
    } catch {
      // a rebalance or a broker that is away: whoever has the partitions then commits again
    }
  }
}
