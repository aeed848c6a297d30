import type { Tell } from "../core/report.ts";
import type { Batch, Claim, Deliver, Delivery, Ledger, RawRecord } from "../pipeline/ports.ts";
import { ClusterflowError, toClusterflowError } from "../core/errors.ts";
import { settlesWithin } from "../core/bounded.ts";
import { unobserved, type Observe } from "../pipeline/observe.ts";
import { reached } from "../pipeline/points.ts";
import type { FetchControl } from "./fetch-control.ts";
import { Holds } from "./holds.ts";
import { PartitionLane, type LaneEvents } from "./partition-lane.ts";
import type { Progress } from "./progress.ts";
import { Reclaims } from "./reclaims.ts";
import type { Place } from "./standstill.ts";
import { positionFault, type Standing } from "./watermarks.ts";

/** One answer to a fetch. */
export interface FetchedBatch {
  readonly partition: number;
  /** The offset that was asked for. */
  readonly from: bigint;
  /** Behind the last offset that it covers, markers and gaps included. */
  readonly end: bigint;
  readonly read: () => readonly RawRecord[];
}

export interface AssignmentOptions {
  readonly group: string;
  readonly topic: string;
  readonly ledger: Ledger;
  readonly deliver: Deliver;
  /** Memory for records that wait, over all partitions. */
  readonly queueBytes: number;
  readonly tell: Tell;
  readonly progress: Progress;
  readonly observe?: Observe;
  readonly watermarks: () => Promise<ReadonlyMap<number, Standing>>;
  /** Called with each position that the ledger holds from now on. */
  readonly onPosition: (partition: number, next: bigint) => void;
  /** Called when positions moved or partitions were taken. */
  readonly onMoved: () => void;
  readonly onFailed: (error: ClusterflowError) => void;
}

/** How long deliveries that began under an earlier assignment may take before the partitions are claimed anew. */
const REST_MS = 2_000;
/** What was given up lets go at once. */
const ABANDONED_MS = 500;

/**
 * The partitions that this member has, each with its claim in the ledger. After every join all of them are claimed
 * again, those that were kept too: kafkajs has forgotten its positions, and only the claim's epoch keeps out a
 * process that was stopped for a while and does not know that it lost its partitions.
 */
export class Assignment implements LaneEvents {
  readonly #options: AssignmentOptions;
  readonly #control: FetchControl;
  readonly #observe: Observe;
  readonly #lanes = new Map<number, PartitionLane>();
  readonly #leaving = new Set<PartitionLane>();
  readonly #holds: Holds;
  readonly #reclaims = new Reclaims();
  #partitions: readonly number[] = [];
  #generation = 0;
  #turn: Promise<void> = Promise.resolve();
  /** Claims and checks that are under way, or wait for their turn. */
  #works = 0;

  constructor(options: AssignmentOptions, control: FetchControl) {
    this.#options = options;
    this.#control = control;
    this.#observe = options.observe ?? unobserved;
    this.#holds = new Holds(options.queueBytes, control, this.#observe);
  }

  /**
   * After a join. Fetching stops before this returns: kafkajs would begin at the offsets that Kafka keeps, which are
   * a courtesy and not the truth.
   */
  take(partitions: readonly number[]): void {
    this.#control.pause(partitions);
    this.#generation += 1;
    this.#partitions = partitions;
    this.#observe({ kind: "joined", partitions });
    for (const partition of [...this.#lanes.keys()]) this.#retire(partition);
    this.#queue(() => this.#settle(partitions));
  }

  accept({ partition, from, end, read }: FetchedBatch): void {
    const lane = this.#lanes.get(partition);
    if (lane?.state !== "running" || lane.holds.has("checking")) return;
    if (from !== lane.expected) {
      // one that was on its way when the position was set, or kafkajs has reset the offset
      this.check(partition);
      return;
    }
    lane.accept(read(), end);
    this.#holds.holdWhenFull(lane, this.#lanes);
  }

  /** Compares a partition's position with what Kafka still has, and sets the fetching right or fails. */
  check(partition: number): void {
    const lane = this.#lanes.get(partition);
    if (lane?.state !== "running" || lane.holds.has("checking")) return;
    this.#holds.hold(lane, "checking");
    this.#queue(async () => {
      const marks = await this.#options.watermarks();
      if (this.#lanes.get(partition) !== lane) return;
      const { claim, expected } = lane;
      const fault = positionFault(
        this.#options.group,
        { ...claim, next: expected },
        this.#marksOf(partition, marks),
      );
      if (fault !== null) throw fault;
      this.#control.seek(partition, expected);
      this.#holds.release(lane, "checking");
    });
  }

  /**
   * After a heartbeat was answered: the partitions are still ours. Those that were fenced may be claimed again; a
   * process whose partitions were given away is told so by this very heartbeat and does not get here.
   */
  confirm(): void {
    const due = this.#partitions.filter(
      (partition) => this.#lanes.get(partition)?.state === "fenced" && this.#reclaims.isDue(partition),
    );
    if (due.length === 0) return;
    for (const partition of due) this.#retire(partition);
    this.#queue(() => this.#settle(due));
  }

  has(partition: number): boolean {
    return this.#partitions.includes(partition);
  }

  /** Whether every partition of this member stands at its end or behind it; a partition without one does. */
  hasReached(ends: ReadonlyMap<number, bigint>): boolean {
    return this.#partitions.every((partition) => {
      const lane = this.#lanes.get(partition);
      return lane?.state === "running" && lane.position >= (ends.get(partition) ?? 0n);
    });
  }

  get places(): readonly Place[] {
    return this.#partitions.map((partition) => {
      const lane = this.#lanes.get(partition);
      const isInHand = this.#works > 0 || lane?.isDelivering === true;
      return { partition, position: lane?.position ?? null, isInHand };
    });
  }

  /** Whether answers to fetches are to be expected. */
  get isFetching(): boolean {
    return [...this.#lanes.values()].some((lane) => lane.state === "running" && lane.holds.size === 0);
  }

  /** Stops fetching, lets what is being delivered come down, gives up on what does not in time. */
  async drain(ms: number): Promise<void> {
    reached("drain");
    this.#generation += 1;
    this.#control.pause(this.#partitions);
    for (const partition of [...this.#lanes.keys()]) this.#retire(partition);
    await this.#rest(ms);
  }

  onStored(lane: PartitionLane, batch: Batch, delivery: Delivery & { kind: "stored" }, ms: number): void {
    const { tell, progress, onPosition, onMoved } = this.#options;
    const { topic, partition, start, end } = batch;
    const { stored, deadLettered } = delivery;
    progress.noteStored(batch, delivery);
    this.#reclaims.noteStored(partition);
    tell({ kind: "batch-stored", topic, partition, start, end, stored, deadLettered });
    this.#observe({ kind: "stored", partition, end, stored, deadLettered, newestAt: newestOf(batch), ms });
    this.#holds.releaseWhenRoom(lane, this.#lanes);
    if (this.#lanes.get(partition) === lane) onPosition(partition, end);
    onMoved();
  }

  onFenced({ claim: { topic, partition } }: PartitionLane): void {
    this.#reclaims.noteFenced(partition);
    this.#control.pause([partition]);
    this.#options.progress.noteFenced();
    this.#options.tell({ kind: "fenced", topic, partition });
    this.#observe({ kind: "fenced", partition });
  }

  onFailed(error: unknown): void {
    this.#options.onFailed(toClusterflowError(error));
  }

  /** One after the other: a claim that waits for the database must not overtake, and fence, a later one of ours. */
  #queue(work: () => Promise<void>): void {
    const generation = this.#generation;
    this.#works += 1;
    this.#turn = this.#turn
      .then(() => (generation === this.#generation ? work() : undefined))
      .catch((error: unknown) => {
        if (generation === this.#generation) this.onFailed(error);
      })
      .finally(() => (this.#works -= 1));
  }

  async #settle(partitions: readonly number[]): Promise<void> {
    const generation = this.#generation;
    const { ledger, tell, onMoved } = this.#options;
    await this.#rest(REST_MS);
    const marks = await this.#options.watermarks();
    if (generation !== this.#generation) return;
    const claims = await ledger.claim(partitions.map((partition) => this.#startOf(partition, marks)));
    reached("claimed");
    await this.#verify(claims, marks);
    if (generation !== this.#generation) return;
    for (const claim of claims) this.#open(claim);
    tell({ kind: "assigned", partitions: this.#partitions.length });
    onMoved();
  }

  #startOf(partition: number, marks: ReadonlyMap<number, Standing>): Standing & { topic: string } {
    return { topic: this.#options.topic, ...this.#marksOf(partition, marks) };
  }

  async #verify(claims: readonly Claim[], marks: ReadonlyMap<number, Standing>): Promise<void> {
    const { group } = this.#options;
    const faultOf = (claim: Claim, at: ReadonlyMap<number, Standing>): ClusterflowError | null =>
      positionFault(group, claim, this.#marksOf(claim.partition, at));
    if (claims.every((claim) => faultOf(claim, marks) === null)) return;
    // who had the partition before may have gone on reading and storing behind the marks that were asked for above
    const fresh = await this.#options.watermarks();
    for (const claim of claims) {
      const fault = faultOf(claim, fresh);
      if (fault !== null) throw fault;
    }
  }

  #marksOf(partition: number, marks: ReadonlyMap<number, Standing>): Standing {
    const found = marks.get(partition);
    if (found !== undefined) return found;
    throw new ClusterflowError(
      `Kafka does not say what partition ${partition} of "${this.#options.topic}" holds`,
      {
        code: "unreachable",
        retryable: true,
      },
    );
  }

  #open(claim: Claim): void {
    this.#lanes.set(claim.partition, new PartitionLane(claim, this.#options.deliver, this));
    this.#options.progress.notePosition(claim.partition, claim.next);
    this.#options.onPosition(claim.partition, claim.next);
    this.#observe({ kind: "claimed", partition: claim.partition, next: claim.next });
    this.#control.seek(claim.partition, claim.next);
    reached("sought");
    this.#control.resume(claim.partition);
  }

  #retire(partition: number): void {
    const lane = this.#lanes.get(partition);
    if (lane === undefined) return;
    lane.close("closed");
    this.#lanes.delete(partition);
    this.#leaving.add(lane);
  }

  async #rest(ms: number): Promise<void> {
    const leaving = [...this.#leaving];
    const all = Promise.all(leaving.map((lane) => lane.idle()));
    if (!(await settlesWithin(all, ms))) {
      for (const lane of leaving) lane.abandon();
      await settlesWithin(all, ABANDONED_MS);
    }
    for (const lane of leaving) this.#leaving.delete(lane);
  }
}

function newestOf({ records }: Batch): number | null {
  const timestamp = Number(records.at(-1)?.timestamp ?? -1);
  return timestamp < 0 ? null : timestamp;
}
