/** What is known of one partition while it is this member's. Times are those of a clock that nobody sets. */
export class ObservedPartition {
  /** Where the group stands; null before that is known. */
  position: bigint | null = null;
  /** Whether the position is held under a claim of the consumer that runs now. */
  isClaimed = false;
  /** When the position last moved, or was last seen at the end. */
  movedAt: number;
  #end: bigint | null = null;
  /** When the newest stored record was produced, or else when the partition came to us: by the calendar. */
  #newestAt = Date.now();
  readonly #heldSince = new Map<string, number>();
  readonly #heldMs = new Map<string, number>();

  constructor(now: number) {
    this.movedAt = now;
  }

  /** Offsets that are not down yet; null before both ends are known. */
  get lagOffsets(): bigint | null {
    if (this.position === null || this.#end === null) return null;
    return this.#end > this.position ? this.#end - this.position : 0n;
  }

  /** How old what is stored is, while there is more; at least, when nothing was stored here yet. */
  get lagMs(): number | null {
    const lag = this.lagOffsets;
    if (lag === null) return null;
    return lag === 0n ? 0 : Math.max(0, Date.now() - this.#newestAt);
  }

  claim(next: bigint, now: number): void {
    for (const why of [...this.#heldSince.keys()]) this.release(why, now);
    this.isClaimed = true;
    this.#moveTo(next, now);
  }

  unclaim(now: number): void {
    this.isClaimed = false;
    for (const why of [...this.#heldSince.keys()]) this.release(why, now);
  }

  store(end: bigint, newestAt: number | null, now: number): void {
    this.#newestAt = newestAt ?? Date.now();
    this.#moveTo(end, now);
  }

  reach(end: bigint, now: number): void {
    if (this.lagOffsets === 0n) this.movedAt = now;
    this.#end = end;
  }

  hold(why: string, now: number): void {
    if (!this.#heldSince.has(why)) this.#heldSince.set(why, now);
  }

  release(why: string, now: number): void {
    const since = this.#heldSince.get(why);
    if (since === undefined) return;
    this.#heldSince.delete(why);
    this.#heldMs.set(why, (this.#heldMs.get(why) ?? 0) + now - since);
  }

  /** Milliseconds that the partition was not fetched, by the reason. */
  heldMs(now: number): ReadonlyMap<string, number> {
    const sums = new Map(this.#heldMs);
    for (const [why, since] of this.#heldSince) sums.set(why, (sums.get(why) ?? 0) + now - since);
    return sums;
  }

  /** To be claimed again where it stood is no progress. */
  #moveTo(next: bigint, now: number): void {
    if (this.position !== next) this.movedAt = now;
    this.position = next;
  }
}
