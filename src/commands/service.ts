import { toClusterflowError } from "../core/errors.ts";

/**
 * Runs what has no end of its own. Told to stop, and with nothing left in hand, it has done all that it should, also
 * where it had not come to its work yet: a supervisor must not take that for a failure.
 */
export async function untilStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await work;
  } catch (thrown) {
    if (signal.aborted && toClusterflowError(thrown).code === "interrupted") return null;
    throw thrown;
  }
}
