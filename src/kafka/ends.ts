import type { KafkaSourceOptions } from "./source-options.ts";

/** What a member of the group knows of its own part. */
export interface OwnPart {
  has(partition: number): boolean;
  hasReached(ends: ReadonlyMap<number, bigint>): boolean;
}

type EndsOptions = Pick<KafkaSourceOptions, "topic" | "group" | "ledger" | "tell">;

/**
 * Where a run that is to stop at the end stops: end offsets by partition, of those that hold anything. The run is for
 * the group, not for one member of it: what other members have is theirs to finish, and is waited for.
 */
export class Ends {
  readonly #ends: ReadonlyMap<number, bigint>;
  readonly #options: EndsOptions;
  isReached = false;
  #isAsking = false;
  #isTold = false;

  constructor(ends: ReadonlyMap<number, bigint>, options: EndsOptions) {
    this.#ends = ends;
    this.#options = options;
  }

  /** To be asked now and then: nobody tells when another member gets on. Rejects as the ledger does. */
  async areReached(own: OwnPart): Promise<boolean> {
    if (this.#isAsking || !own.hasReached(this.#ends)) return false;
    this.#isAsking = true;
    try {
      this.isReached = await this.#haveOthersReached(own);
      return this.isReached;
    } finally {
      this.#isAsking = false;
    }
  }

  async #haveOthersReached(own: OwnPart): Promise<boolean> {
    const others = [...this.#ends].filter(([partition]) => !own.has(partition));
    if (others.length === 0) return true;
    const positions = await this.#options.ledger.positionsOf(this.#options.topic);
    const missing = others.filter(([partition, end]) => (positions.get(partition) ?? 0n) < end);
    if (missing.length > 0) this.#tellOnce(missing.map(([partition]) => partition));
    return missing.length === 0;
  }

  #tellOnce(partitions: readonly number[]): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const { tell, group, topic } = this.#options;
    const numbers = `partition${partitions.length === 1 ? "" : "s"} ${partitions.join(", ")} of "${topic}"`;
    const text = `all is read here; waiting for the other members of group "${group}", which have ${numbers}`;
    tell({ kind: "notice", text });
  }
}
