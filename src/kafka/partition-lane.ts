import type { Batch, Claim, Deliver, Delivery, RawRecord } from "../pipeline/ports.ts";
import { reached } from "../pipeline/points.ts";
import { PartitionQueue, type Cut } from "./partition-queue.ts";

/**
 * As quick as larger ones, and small enough to lose little to a fence. The bytes are those of messages whose objects
 * may be packed: with 4 MiB the process took 480 MB over a long backlog of inventory, with these 230 (measured).
 */
const CUT_LIMITS = { records: 3_000, bytes: 512 * 1024 };

/** What a lane lets its owner know. */
export interface LaneEvents {
  /** `ms` after it was cut. */
  onStored(lane: PartitionLane, batch: Batch, delivery: Delivery & { kind: "stored" }, ms: number): void;
  onFenced(lane: PartitionLane): void;
  onFailed(error: unknown): void;
}

/** Why a partition is not fetched at the moment. */
export type Hold = "full" | "checking";

/**
 * One partition for as long as one claim lasts: takes what is fetched and delivers it in order, one batch at a time.
 * Batches are cut when the one before is down, so they grow by themselves when delivering is slow.
 */
export class PartitionLane {
  readonly claim: Claim;
  readonly holds = new Set<Hold>();
  /** `closed`: nothing further is delivered; what is on its way may still come down. */
  state: "running" | "fenced" | "closed" = "running";
  readonly #deliver: Deliver;
  readonly #events: LaneEvents;
  readonly #abandoned = new AbortController();
  readonly #queue = new PartitionQueue();
  #position: bigint;
  #expected: bigint;
  #costInFlight = 0;
  #delivering: Promise<void> | null = null;

  constructor(claim: Claim, deliver: Deliver, events: LaneEvents) {
    this.claim = claim;
    this.#deliver = deliver;
    this.#events = events;
    this.#position = claim.next;
    this.#expected = claim.next;
  }

  /** What the ledger holds. */
  get position(): bigint {
    return this.#position;
  }

  /** The offset that the next fetch has to begin at. */
  get expected(): bigint {
    return this.#expected;
  }

  /** Memory of all records that are not down yet, in bytes. */
  get cost(): number {
    return this.#queue.cost + this.#costInFlight;
  }

  get isDelivering(): boolean {
    return this.#delivering !== null;
  }

  accept(records: readonly RawRecord[], end: bigint): void {
    this.#queue.push(records, end);
    this.#expected = end;
    reached("fetched");
    this.#delivering ??= this.#deliverAll();
  }

  /** Forgets what waits. What is being delivered comes down or is given up: see `idle` and `abandon`. */
  close(state: "fenced" | "closed"): void {
    this.state = state;
    this.#queue.clear();
  }

  /** Resolves when nothing is being delivered; never rejects. */
  async idle(): Promise<void> {
    await this.#delivering;
  }

  abandon(): void {
    this.close("closed");
    this.#abandoned.abort();
  }

  async #deliverAll(): Promise<void> {
    try {
      for (let cut = this.#queue.cut(CUT_LIMITS); cut !== null; cut = this.#queue.cut(CUT_LIMITS)) {
        await this.#deliverOne(cut);
      }
    } catch (error) {
      if (!this.#abandoned.signal.aborted) this.#events.onFailed(error);
    } finally {
      this.#delivering = null;
    }
  }

  async #deliverOne({ records, end, cost }: Cut): Promise<void> {
    const { topic, partition, epoch } = this.claim;
    const batch: Batch = { topic, partition, epoch, start: this.#position, end, records };
    this.#costInFlight = cost;
    const cutAt = performance.now();
    reached("cut");
    const delivery = await this.#deliver(batch, this.#abandoned.signal).finally(() => {
      this.#costInFlight = 0;
    });
    if (delivery.kind === "stored") {
      this.#position = end;
      reached("stored");
      this.#events.onStored(this, batch, delivery, performance.now() - cutAt);
    } else if (this.state === "running") {
      this.close("fenced");
      this.#events.onFenced(this);
    }
  }
}
