import type { Observe } from "../pipeline/observe.ts";
import type { FetchControl } from "./fetch-control.ts";
import type { Hold, PartitionLane } from "./partition-lane.ts";

/** A partition that is full is fetched again below this part of what made it full: before it runs dry. */
const RELEASE_SHARE = 0.75;

type Lanes = ReadonlyMap<number, PartitionLane>;

/** Stops the fetching of partitions and lets it go on: above all while what waits takes the memory that there is. */
export class Holds {
  readonly #queueBytes: number;
  readonly #control: FetchControl;
  readonly #observe: Observe;

  /** `queueBytes`: memory for records that wait, over all partitions. */
  constructor(queueBytes: number, control: FetchControl, observe: Observe) {
    this.#queueBytes = queueBytes;
    this.#control = control;
    this.#observe = observe;
  }

  holdWhenFull(lane: PartitionLane, lanes: Lanes): void {
    if (this.#isAbove(lane, lanes, 1)) this.hold(lane, "full");
  }

  releaseWhenRoom(lane: PartitionLane, lanes: Lanes): void {
    if (!this.#isAbove(lane, lanes, RELEASE_SHARE)) this.release(lane, "full");
  }

  hold(lane: PartitionLane, why: Hold): void {
    lane.holds.add(why);
    this.#observe({ kind: "held", partition: lane.claim.partition, why });
    this.#control.pause([lane.claim.partition]);
  }

  release(lane: PartitionLane, why: Hold): void {
    if (!lane.holds.delete(why)) return;
    this.#observe({ kind: "released", partition: lane.claim.partition, why });
    if (lane.holds.size > 0 || lane.state !== "running") return;
    this.#control.resume(lane.claim.partition);
  }

  /**
   * Whether a partition has its share of the memory and all of them together the whole, or so much of both. While
   * others have little, one may have more than its share; when they want theirs then, both halves are taken.
   */
  #isAbove(lane: PartitionLane, lanes: Lanes, part: number): boolean {
    const whole = (this.#queueBytes / 2) * part;
    const total = [...lanes.values()].reduce((sum, { cost }) => sum + cost, 0);
    return total >= whole && lane.cost >= whole / lanes.size;
  }
}
