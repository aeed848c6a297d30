import { withinTime } from "../core/bounded.ts";
import { sleep } from "../core/signal.ts";

/** A silence is looked into again each time after so long. */
const LOOK_AGAIN_MS = 10_000;

export interface Patience {
  /** Milliseconds of silence after which the server is looked at for the first time. */
  readonly quietMs: number;
  /** Milliseconds for the answer, however alive the server; null sets no limit. */
  readonly deadlineMs: number | null;
  /** Whether the server answers anything at all, to somebody new; bounded in time, never rejects. */
  readonly isAnswering: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Made once: without a reason of its own each would make an error with a stack, at every statement. */
const DONE = new Error("the answer is here");

/**
 * An answer may well take minutes; a server that was frozen, or whose machine is gone, never says so. What tells the
 * two apart is a second connection: when that one is not answered either, the answer is given up (`SilenceError`).
 * Whether the work was carried out is then unknown. The work is handed a signal at which to let go.
 */
export async function unlessSilent<T>(
  work: (signal: AbortSignal) => Promise<T>,
  patience: Patience,
): Promise<T> {
  const given = new AbortController();
  const forward = (): void => given.abort(patience.signal.reason);
  patience.signal.addEventListener("abort", forward);
  if (patience.signal.aborted) forward();
  const done = new AbortController();
  void watch(patience, done.signal, (reason) => given.abort(reason));
  try {
    return await withinTime(work, patience.deadlineMs, given.signal);
  } finally {
    done.abort(DONE);
    patience.signal.removeEventListener("abort", forward);
  }
}

/** The server does not answer anybody any more. */
export class SilenceError extends Error {
  override readonly name = "SilenceError";
  readonly code = "CLUSTERFLOW_SILENCE";

  constructor() {
    super("nothing comes back any more");
  }
}

async function watch(
  { quietMs, isAnswering }: Patience,
  done: AbortSignal,
  giveUp: (reason: SilenceError) => void,
): Promise<void> {
  for (let pauseMs = quietMs; ; pauseMs = LOOK_AGAIN_MS) {
    await sleep(pauseMs, done);
    if (done.aborted) return;
    if (!(await isAnswering())) giveUp(new SilenceError());
  }
}
