/** Whether the work came to an end, good or bad, within so many milliseconds; it goes on otherwise. */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The work's result, or the signal's reason as soon as it fires; the work goes on then, and nobody hears of it. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    onAbort = () => resolve(null);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    const first = await Promise.race([aborted, work.then((result) => ({ result }))]);
    if (first !== null) return first.result;
    throw signal.reason;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Hands the work a signal that fires with `signal`, if there is one, or after so many milliseconds at the latest; null
 * sets no limit.
 * The work's own end is not waited for once it fired: rejects with the signal's reason, or with a TimeLimitError.
 */
export async function withinTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms: number | null,
  // one of its own, not one for all: Node warns of a leak when many calls at once listen to the same
  signal: AbortSignal = new AbortController().signal,
): Promise<T> {
  const own = new AbortController();
  const forward = (): void => own.abort(signal.reason);
  signal.addEventListener("abort", forward);
  if (signal.aborted) forward();
  const timer = ms === null ? undefined : setTimeout(() => own.abort(new TimeLimitError(ms)), ms);
  try {
    own.signal.throwIfAborted();
    return await unlessAborted(work(own.signal), own.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", forward);
  }
}

/** Work that was not done in the time it had; whether it still has its effect is unknown. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
  readonly code = "CLUSTERFLOW_TIME_LIMIT";

  constructor(ms: number) {
    super(`no answer within ${ms / 1000} s`);
  }
}
