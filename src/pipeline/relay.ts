import { toClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { sleep } from "../core/signal.ts";
import { backoffMs } from "./backoff.ts";
import type { Rejected } from "./judge.ts";

/** A dead letter as it lies in its table. */
export interface DeadLetter extends Rejected {
  readonly id: bigint;
  readonly firstSeen: Date;
  /** The record's headers as the table has them: what a topic gets that cannot carry them as they are. */
  readonly headersText: string;
}

/** The table, which stays the truth. */
export interface LetterStore {
  /** Takes some that nobody relayed yet; nobody else gets them for a minute. */
  claim(signal: AbortSignal): Promise<readonly DeadLetter[]>;
  noteRelayed(letters: readonly DeadLetter[], signal: AbortSignal): Promise<void>;
  /** It can never be relayed. */
  noteFault(letter: DeadLetter, why: string, signal: AbortSignal): Promise<void>;
  /** Gives back what was claimed. */
  release(letters: readonly DeadLetter[], signal: AbortSignal): Promise<void>;
}

export interface Untakable {
  readonly letter: DeadLetter;
  readonly why: string;
}

export interface LetterTopic {
  /** Resolves when all in-sync replicas have them, but for those that the topic never takes. */
  send(letters: readonly DeadLetter[], signal: AbortSignal): Promise<readonly Untakable[]>;
}

export interface RelayOptions {
  readonly store: LetterStore;
  readonly topic: LetterTopic;
  /** The topic's. */
  readonly name: string;
  readonly tell: Tell;
  /** The run's: when it fires, what is left to relay has a few seconds more. */
  readonly signal: AbortSignal;
}

const LOOK_AGAIN_MS = 1_000;
/** Of the ten seconds in which a consumer ends. */
const LAST_MS = 7_000;

/**
 * Brings dead letters from their table into a topic, beside the consumption and without ever disturbing it. A death
 * between the topic and the note of it relays some again: at least once. Disposing relays what is left, unless a
 * server is away.
 */
export function openRelay(options: RelayOptions): AsyncDisposable {
  return new Relay(options);
}

class Relay implements AsyncDisposable {
  readonly #options: RelayOptions;
  readonly #ending = new AbortController();
  /** Gives up whatever is on its way. */
  readonly #cut = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: RelayOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#cutSoon());
    if (options.signal.aborted) this.#cutSoon();
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  #cutSoon(): void {
    const timer = setTimeout(() => this.#cut.abort(new Error("the time to end is over")), LAST_MS);
    timer.unref();
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  async #run(): Promise<void> {
    for (let failures = 0; ;) {
      const begunEnding = this.#isEnding;
      try {
        const relayed = await this.#round();
        if (failures > 0) this.#options.tell({ kind: "notice", text: `${this.#what} goes on` });
        failures = 0;
        if (relayed === 0 && begunEnding) return;
        if (relayed === 0) await sleep(LOOK_AGAIN_MS, this.#ending.signal);
      } catch (thrown) {
        failures += 1;
        const reason = toClusterflowError(thrown).message;
        if (begunEnding || this.#cut.signal.aborted) {
          this.#tellLeft(reason);
          return;
        }
        if (failures === 1) this.#options.tell({ kind: "warning", text: `${this.#what} waits: ${reason}` });
        await sleep(backoffMs(failures), this.#ending.signal);
      }
    }
  }

  /** How many were claimed. */
  async #round(): Promise<number> {
    const { store, topic } = this.#options;
    const { signal } = this.#cut;
    const letters = await store.claim(signal);
    if (letters.length === 0) return 0;
    const untakable = await topic.send(letters, signal).catch(async (error: unknown) => {
      await store.release(letters, signal).catch(() => undefined); // nobody but the clock does it then
      throw error;
    });
    for (const { letter, why } of untakable) await this.#noteFault(letter, why);
    const left = untakable.map(({ letter }) => letter);
    await store.noteRelayed(
      letters.filter((letter) => !left.includes(letter)),
      signal,
    );
    return letters.length;
  }

  async #noteFault(letter: DeadLetter, why: string): Promise<void> {
    const { topic, partition, offset } = letter.record;
    await this.#options.store.noteFault(letter, why, this.#cut.signal);
    const text = `${topic}[${partition}] offset ${offset} stays in clusterflow.dead_letters only: ${why}`;
    this.#options.tell({ kind: "warning", text });
  }

  #tellLeft(reason: string): void {
    const text = `not all dead letters came to topic "${this.#options.name}", the next run relays them: ${reason}`;
    this.#options.tell({ kind: "warning", text });
  }

  get #what(): string {
    return `the relay of dead letters to topic "${this.#options.name}"`;
  }
}
