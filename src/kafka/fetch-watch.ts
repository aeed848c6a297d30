import { settlesWithin } from "../core/bounded.ts";

/** A fetch is answered within a quarter of a second, also when there is nothing. */
export const QUIET_MS = 5_000;
/** Between two looks in a silence. */
const LOOK_MS = 2_000;
/** What a look has before its silence counts, too: a busy machine connects slowly. */
const LOOK_PATIENCE_MS = 5_000;

/**
 * Whether fetches are answered. When they are not, the question is whether Kafka answers anybody: it is asked over a
 * connection of its own how far the partitions reach. An outage is waited for; a consumer that merely stopped, since
 * kafkajs swallowed an error or something between here and a broker did, has to be built anew.
 */
export class FetchWatch {
  readonly #look: () => Promise<unknown>;
  readonly #lookEveryMs: number;
  #answeredAt = performance.now();
  #lookedAt = performance.now();
  #isLooking = false;
  #foundAt = -Infinity;
  #hasFetched = false;

  /** `look` rejects when Kafka does not answer; without `lookEveryMs` it is called in a silence only. */
  constructor(look: () => Promise<unknown>, lookEveryMs = Infinity) {
    this.#look = look;
    this.#lookEveryMs = lookEveryMs;
  }

  /** Whether a fetch was ever answered. */
  get hasFetched(): boolean {
    return this.#hasFetched;
  }

  /** Milliseconds since a fetch was answered, or none was due. */
  get silentMs(): number {
    return performance.now() - this.#answeredAt;
  }

  /** Fetches are not answered, and nothing else is either. */
  get isAlone(): boolean {
    return this.silentMs > QUIET_MS + LOOK_PATIENCE_MS && !this.isKafkaThere;
  }

  /** Whether Kafka answered in the middle of the silence, a moment ago. */
  get isKafkaThere(): boolean {
    return performance.now() - this.#foundAt < 2 * QUIET_MS;
  }

  answered(): void {
    this.#hasFetched = true;
    this.excused();
  }

  /** No fetch is due: everything is paused, or nothing is ours yet. */
  excused(): void {
    this.#answeredAt = performance.now();
    this.#foundAt = -Infinity;
  }

  /** To be called each second. */
  tick(): void {
    const everyMs = this.silentMs > QUIET_MS ? LOOK_MS : this.#lookEveryMs;
    if (this.#isLooking || performance.now() - this.#lookedAt < everyMs) return;
    this.#isLooking = true;
    void this.#lookOnce();
  }

  async #lookOnce(): Promise<void> {
    const looking = this.#look().then(() => {
      if (this.silentMs > QUIET_MS) this.#foundAt = performance.now();
    });
    await settlesWithin(looking, 2 * QUIET_MS);
    this.#lookedAt = performance.now();
    this.#isLooking = false;
  }
}
