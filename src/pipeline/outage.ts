import { TimeLimitError, withinTime } from "../core/bounded.ts";
import { ClusterflowError, toClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { sleep } from "../core/signal.ts";
import { backoffMs } from "./backoff.ts";
import { unobserved, type Observe } from "./observe.ts";

export interface OutageOptions {
  /** What is being waited for, as the person calls it: `PostgreSQL localhost:5432`. */
  readonly name: string;
  readonly tell: Tell;
  readonly signal: AbortSignal;
  /** Milliseconds after which an outage ends in its error; null waits until the signal. */
  readonly giveUpAfterMs: number | null;
  readonly observe?: Observe | undefined;
}

/** The most that a silent server may have been away already when its silence was noticed. */
const SILENCE_MS = 5_000;
/** What the last try has at least: a server that came back must be able to answer. */
const LAST_TRY_MS = 1_000;

/**
 * Runs an operation until it succeeds. Retryable errors are outages: told once, waited for with growing pauses,
 * told again when over. Any other error, and the signal, end the waiting. The operation must be safe to repeat
 * after an answer that was lost, and should let go of its server when the signal that it is handed fires: the run's
 * own, or the end of the time to wait.
 */
export async function throughOutages<T>(
  operation: (signal: AbortSignal) => Promise<T>,
  options: OutageOptions,
): Promise<T> {
  using outage = new Outage(options);
  for (let attempt = 1; ; attempt += 1) {
    options.signal.throwIfAborted();
    const begunAt = performance.now();
    try {
      const result = await withinTime(operation, outage.leftMs, options.signal);
      outage.end();
      return result;
    } catch (thrown) {
      outage.note(thrown, begunAt);
      await sleep(Math.min(backoffMs(attempt), outage.leftMs ?? Infinity), options.signal);
    }
  }
}

/** One outage from the first failure on; there is none before. */
class Outage implements Disposable {
  readonly #options: OutageOptions;
  readonly #observe: Observe;
  #since: number | null = null;
  #error: ClusterflowError | null = null;

  constructor(options: OutageOptions) {
    this.#options = options;
    this.#observe = options.observe ?? unobserved;
  }

  /** Milliseconds that the next try has; null while nothing limits it. */
  get leftMs(): number | null {
    const { giveUpAfterMs } = this.#options;
    if (this.#since === null || giveUpAfterMs === null) return null;
    return Math.max(LAST_TRY_MS, this.#since + giveUpAfterMs - performance.now());
  }

  /** Throws what waiting cannot mend, and when it was waited long enough. */
  note(thrown: unknown, begunAt: number): void {
    const error = thrown instanceof TimeLimitError && this.#error ? this.#error : toClusterflowError(thrown);
    if (!error.retryable) throw thrown;
    const { tell, name } = this.#options;
    this.#observe({ kind: "retry", code: error.vendorCode });
    if (this.#since === null) {
      tell({ kind: "waiting", for: name, reason: withoutName(error.message, name) });
      this.#observe({ kind: "away", server: name });
    }
    this.#since ??= Math.max(begunAt, performance.now() - SILENCE_MS);
    this.#error = error;
    this.#throwWhenTooLong(error, performance.now() - this.#since);
  }

  #throwWhenTooLong(error: ClusterflowError, waitedMs: number): void {
    const { giveUpAfterMs } = this.#options;
    if (giveUpAfterMs === null || waitedMs < giveUpAfterMs) return;
    throw new ClusterflowError(`${error.message} (given up after ${Math.round(waitedMs / 1000)} s)`, {
      code: error.code === "wrong" ? "wrong" : "unreachable",
      ...(error.hint === null ? {} : { hint: error.hint }),
      cause: error,
    });
  }

  /** The server is back. */
  end(): void {
    if (this.#since === null) return;
    this.#options.tell({
      kind: "resumed",
      for: this.#options.name,
      afterMs: performance.now() - this.#since,
    });
  }

  /** However the waiting ended: whoever counts those who wait must not count this one for ever. */
  [Symbol.dispose](): void {
    if (this.#since !== null) this.#observe({ kind: "back", server: this.#options.name });
  }
}

/** A sentence about a server without the server's name in front, for lines that begin with it already. */
export function withoutName(sentence: string, name: string): string {
  return sentence.startsWith(`${name}: `) ? sentence.slice(name.length + 2) : sentence;
}
