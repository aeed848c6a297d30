import { ClusterflowError, toClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { sleep } from "../core/signal.ts";
import { backoffMs } from "./backoff.ts";

export interface OutageOptions {
  /** What is being waited for, as the person calls it: `PostgreSQL localhost:5432`. */
  readonly name: string;
  readonly tell: Tell;
  readonly signal: AbortSignal;
  /** Milliseconds after which an outage ends in its error; null waits until the signal. */
  readonly giveUpAfterMs: number | null;
}

/**
 * Runs an operation until it succeeds. Retryable errors are outages: told once, waited for with growing pauses,
 * told again when over. Any other error, and the signal, end the waiting. The operation must be safe to repeat
 * after an answer that was lost.
 */
export async function throughOutages<T>(operation: () => Promise<T>, options: OutageOptions): Promise<T> {
  let since: number | null = null;
  for (let attempt = 1; ; attempt += 1) {
    options.signal.throwIfAborted();
    try {
      const result = await operation();
      if (since !== null) options.tell({ kind: "resumed", for: options.name, afterMs: Date.now() - since });
      return result;
    } catch (thrown) {
      const error = toClusterflowError(thrown);
      if (!error.retryable) throw thrown;
      if (since === null) options.tell({ kind: "waiting", for: options.name, reason: error.message });
      since ??= Date.now();
      throwWhenTooLong(error, Date.now() - since, options);
      await sleep(backoffMs(attempt), options.signal);
    }
  }
}

function throwWhenTooLong(error: ClusterflowError, waitedMs: number, { giveUpAfterMs }: OutageOptions): void {
  if (giveUpAfterMs === null || waitedMs < giveUpAfterMs) return;
  throw new ClusterflowError(`${error.message} (given up after ${Math.round(waitedMs / 1000)} s)`, {
    code: "unreachable",
    ...(error.hint === null ? {} : { hint: error.hint }),
    cause: error,
  });
}
