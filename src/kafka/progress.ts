import type { Batch, Delivery } from "../pipeline/ports.ts";

/** What a run of the consumer did. */
export interface ConsumeSummary {
  /** Records read and settled: stored, known already, or kept as dead letters. */
  readonly read: number;
  readonly stored: number;
  readonly deadLettered: number;
  /** How often another process had taken a partition over. */
  readonly fenced: number;
  /** Where the group stands in the partitions that this process had. */
  readonly positions: readonly { readonly partition: number; readonly next: bigint }[];
}

/** Counts over all consumers and assignments of one run. */
export class Progress {
  #read = 0;
  #stored = 0;
  #deadLettered = 0;
  #fenced = 0;
  readonly #positions = new Map<number, bigint>();

  noteStored(
    { partition, end, records }: Batch,
    { stored, deadLettered }: Delivery & { kind: "stored" },
  ): void {
    this.#read += records.length;
    this.#stored += stored;
    this.#deadLettered += deadLettered;
    const known = this.#positions.get(partition) ?? 0n;
    // what an earlier claim brought down may be heard of after the partition was claimed anew, and moved on
    if (end > known) this.#positions.set(partition, end);
  }

  noteFenced(): void {
    this.#fenced += 1;
  }

  notePosition(partition: number, next: bigint): void {
    this.#positions.set(partition, next);
  }

  summary(): ConsumeSummary {
    return {
      read: this.#read,
      stored: this.#stored,
      deadLettered: this.#deadLettered,
      fenced: this.#fenced,
      positions: [...this.#positions]
        .map(([partition, next]) => ({ partition, next }))
        .sort((left, right) => left.partition - right.partition),
    };
  }
}
