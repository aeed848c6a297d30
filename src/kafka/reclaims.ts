const FIRST_RECLAIM_MS = 1_000;
const LAST_RECLAIM_MS = 30_000;

/** When fenced partitions may be claimed again: later after each fence in a row, so that two do not fence each other. */
export class Reclaims {
  readonly #fences = new Map<number, { readonly count: number; readonly reclaimAt: number }>();

  noteFenced(partition: number): void {
    const count = (this.#fences.get(partition)?.count ?? 0) + 1;
    const waitMs = Math.min(LAST_RECLAIM_MS, FIRST_RECLAIM_MS * 2 ** (count - 1));
    this.#fences.set(partition, { count, reclaimAt: performance.now() + waitMs });
  }

  noteStored(partition: number): void {
    this.#fences.delete(partition);
  }

  isDue(partition: number): boolean {
    return performance.now() >= (this.#fences.get(partition)?.reclaimAt ?? 0);
  }
}
