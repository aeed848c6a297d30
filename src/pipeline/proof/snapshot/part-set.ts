/**
 * Which parts of a snapshot were seen: one bit each, 32 to an entry. Sparse, because a part number comes from a message
 * and may be as large as its writer likes; the memory follows the number of messages, not the numbers in them.
 */
export class PartSet {
  readonly #words = new Map<number, number>();
  #size = 0;

  /** Parts that were seen, each counted once. */
  get size(): number {
    return this.#size;
  }

  /** False when the part was there already. */
  add(part: number): boolean {
    if (this.has(part)) return false;
    const word = Math.floor(part / 32);
    this.#words.set(word, (this.#words.get(word) ?? 0) | (1 << (part % 32)));
    this.#size += 1;
    return true;
  }

  has(part: number): boolean {
    return (((this.#words.get(Math.floor(part / 32)) ?? 0) >>> (part % 32)) & 1) === 1;
  }

  /** The first parts of 1..`count` that are not there, `limit` at most. */
  missing(count: number, limit: number): readonly number[] {
    const found: number[] = [];
    for (let part = 1; part <= count && found.length < limit; part += 1)
      if (!this.has(part)) found.push(part);
    return found;
  }

  /** How many of 1..`count` are not there, when those are exactly the first ones; null otherwise. */
  missingHead(count: number): number | null {
    const missing = count - this.#size;
    if (missing <= 0) return null;
    for (let part = missing + 1; part <= count; part += 1) if (!this.has(part)) return null;
    return missing;
  }
}
