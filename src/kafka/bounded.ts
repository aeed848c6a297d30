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
  });
  try {
    signal.throwIfAborted();
    const first = await Promise.race([work.then((result) => ({ result })), aborted]);
    if (first !== null) return first.result;
    throw signal.reason;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
