import { setMaxListeners } from "node:events";

/** Of a signal that all work in hand listens to at once: at more than ten, Node warns as of a leak. */
export function sharedController(): AbortController {
  const shared = new AbortController();
  setMaxListeners(0, shared.signal);
  return shared;
}

/** Waits; ends early, without an error, when the signal fires. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

/**
 * Fires when one of them does, until it is disposed of. `AbortSignal.any` holds on to what it was made of for as long as
 * those live, which may be months here.
 */
export function anyOf(signals: readonly AbortSignal[]): { readonly signal: AbortSignal } & Disposable {
  const any = new AbortController();
  const fire = (event: Event): void => any.abort((event.target as AbortSignal).reason);
  for (const signal of signals) {
    signal.addEventListener("abort", fire);
    if (signal.aborted) any.abort(signal.reason);
  }
  return {
    signal: any.signal,
    [Symbol.dispose]() {
      for (const signal of signals) signal.removeEventListener("abort", fire);
    },
  };
}
