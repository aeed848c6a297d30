/** Lets so many work at once and so many wait; whoever comes then is sent away. */
export class Turns {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #working = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Null when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<{ readonly result: T } | null> {
    if (this.#working >= this.#most) {
      if (this.#waiting.length >= this.#mostWaiting) return null;
      // whoever ends hands the turn over: the number that work stays the same
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#working += 1;
    try {
      return { result: await work() };
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#working -= 1;
      else next();
    }
  }
}
