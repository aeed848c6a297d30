import type { User } from "./ports.ts";

/** Tokens that are remembered; the one that was verified first is forgotten for the next. */
const MOST = 1_000;

interface Belief {
  readonly user: User;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Tokens whose signature was checked already: checking it takes most of the time that a small request takes. */
export class Believed {
  readonly #beliefs = new Map<string, Belief>();

  find(token: string): User | null {
    const belief = this.#beliefs.get(token);
    if (belief === undefined) return null;
    if (Date.now() < belief.until) return belief.user;
    this.#beliefs.delete(token);
    return null;
  }

  keep(token: string, belief: Belief): void {
    const [first] = this.#beliefs.keys();
    if (first !== undefined && this.#beliefs.size >= MOST) this.#beliefs.delete(first);
    this.#beliefs.set(token, belief);
  }
}
