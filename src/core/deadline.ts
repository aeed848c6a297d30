/** A moment at which several things, one after the other, have to be done: each may take what the others left. */
export class Deadline {
  readonly #at: number;

  constructor(ms: number) {
    this.#at = performance.now() + ms;
  }

  get leftMs(): number {
    return Math.max(0, this.#at - performance.now());
  }
}
