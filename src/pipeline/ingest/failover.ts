import { settlesWithin } from "../../core/bounded.ts";
import { toClusterflowError, type ClusterflowError } from "../../core/errors.ts";
import type { Tell } from "../../core/report.ts";
import { sleep } from "../../core/signal.ts";
import type { OutgoingMessage } from "../../streams/define.ts";
import { backoffMs } from "../backoff.ts";
import { reached } from "../points.ts";
import { withoutName } from "../outage.ts";
import { decodeEntry } from "./entry.ts";
import type { EventLog, Outcome, Sent, Store, WaitingLine } from "./ports.ts";

export interface FailoverOptions {
  readonly kafka: EventLog;
  readonly line: WaitingLine;
  /** Where events go while Kafka is away, or while older ones still wait. */
  readonly elsewhere: Store;
  readonly tell: Tell;
  readonly onSent?: (seconds: number) => void;
}

/** What is replayed by one call. */
const CHUNK = { maxEntries: 1_000, maxBytes: 1024 * 1024 } as const;
/** So few that wait are gone in a moment, and new events had better wait than queue up behind them for ever. */
const NEARLY_EMPTY = 1_000;
const MOMENT_MS = 250;
/** The longest pause between two looks is about 3 s. */
const MOST_ATTEMPTS = 5;

const LIMIT_CHANGED: Outcome = {
  kind: "unavailable",
  retryAfterS: 1,
  reason: "the topic takes less than before",
};

/**
 * Kafka first, and somewhere else while it is away. **Order**: from the first failure on everything goes elsewhere,
 * what was in doubt at its head, and only when all of it is replayed do events go straight to Kafka again. What was in
 * doubt may lie in the topic twice; the reader's identity stores it once.
 */
export class Failover {
  readonly #options: FailoverOptions;
  readonly #ending = new AbortController();
  #isAway = true;
  #isTold = false;
  #isStoring = false;
  #isFlowing = false;
  #awaySince = performance.now();
  #comingBack: Promise<void>;

  /** Begins away: what waits since the last run comes first, and nobody has seen Kafka yet. */
  constructor(options: FailoverOptions) {
    this.#options = options;
    this.#comingBack = this.#comeBack();
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** Whether Kafka was there, and nothing waited any more, within so many milliseconds. */
  async backWithin(ms: number): Promise<boolean> {
    await settlesWithin(this.#comingBack, ms);
    return !this.#isAway;
  }

  readonly store: Store = async (messages) => {
    const { line } = this.#options;
    if (this.#isAway && this.#isFlowing && line.depth.entries <= NEARLY_EMPTY)
      await this.backWithin(MOMENT_MS);
    const sent = this.#isAway ? { places: [], error: null } : await this.#send(messages);
    const rest = messages.slice(sent.places.length);
    const down = sent.places.map((place): Outcome => ({ kind: "kafka", ...place }));
    return rest.length === 0 ? down : [...down, ...(await this.#storeElsewhere(rest, sent.error))];
  };

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#comingBack;
  }

  async #send(messages: readonly OutgoingMessage[]): Promise<Sent> {
    const begun = performance.now();
    const sent = await this.#options.kafka.send(messages);
    if (sent.error === null) this.#options.onSent?.((performance.now() - begun) / 1000);
    return sent;
  }

  async #storeElsewhere(
    messages: readonly OutgoingMessage[],
    error: ClusterflowError | null,
  ): Promise<readonly Outcome[]> {
    // larger than the topic takes now: it would block the replay of all behind it, and is named when it comes again
    if (error?.code === "data") return messages.map(() => LIMIT_CHANGED);
    if (error !== null) this.#lose(error);
    this.#isStoring = true;
    try {
      return await this.#options.elsewhere(messages);
    } finally {
      this.#isStoring = false;
    }
  }

  #lose(error: ClusterflowError): void {
    this.#isAway = true;
    this.#isFlowing = false;
    this.#awaySince = performance.now();
    this.#tellAway(error);
    this.#comingBack = this.#comeBack();
  }

  #tellAway(error: ClusterflowError): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const { tell, kafka } = this.#options;
    tell({ kind: "waiting", for: kafka.name, reason: withoutName(error.message, kafka.name) });
  }

  /** Replays, until nothing waits. */
  async #comeBack(): Promise<void> {
    const { signal } = this.#ending;
    for (let attempt = 1; !signal.aborted && this.#isAway;) {
      try {
        await this.#step();
        this.#isFlowing = true;
        attempt = 1;
      } catch (thrown) {
        this.#isFlowing = false;
        this.#tellAway(toClusterflowError(thrown));
        await sleep(backoffMs(Math.min(attempt++, MOST_ATTEMPTS)), signal);
      }
    }
  }

  async #step(): Promise<void> {
    const { kafka, line } = this.#options;
    const chunk = await line.read(CHUNK);
    if (chunk === null) await kafka.probe();
    else {
      const { places, error } = await this.#send(chunk.entries.map(decodeEntry));
      reached("spool-replayed");
      if (places.length > 0) await line.confirm(chunk.upTo - chunk.entries.length + places.length);
      if (error !== null) throw error;
    }
    // no await from here to the end: whoever stores next has to find Kafka in front, and nothing before it
    if (line.depth.entries === 0 && !this.#isStoring) this.#backAgain();
    else if (chunk === null) await new Promise(setImmediate);
  }

  #backAgain(): void {
    this.#isAway = false;
    if (!this.#isTold) return;
    this.#isTold = false;
    const { tell, kafka } = this.#options;
    tell({ kind: "resumed", for: kafka.name, afterMs: performance.now() - this.#awaySince });
  }
}
