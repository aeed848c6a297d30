/** Upper bounds in seconds: from a batch of a few rows beside the database to a sealed snapshot of a large cluster. */
const BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

/** How long batches took, as counts within fixed bounds: constant in memory, and can be added up over processes. */
export class BatchTimes {
  readonly #counts: number[] = BOUNDS.map(() => 0);
  #count = 0;
  #sum = 0;

  add(seconds: number): void {
    this.#count += 1;
    this.#sum += seconds;
    const at = BOUNDS.findIndex((bound) => seconds <= bound);
    if (at >= 0) this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** How many took at most so long, for each bound. */
  get atMost(): readonly (readonly [bound: number, count: number])[] {
    let sum = 0;
    return BOUNDS.map((bound, at) => [bound, (sum += this.#counts[at] ?? 0)] as const);
  }
}
