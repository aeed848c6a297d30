import { settlesWithin, unlessAborted } from "../core/bounded.ts";
import type { DatabaseSettings } from "../config/parts.ts";
import { sleep } from "../core/signal.ts";
import { discardClient, openClient } from "./client.ts";
import { isServerError } from "./errors.ts";

/** An answer that takes longer makes us look whether the server is there at all, and again each time after it. */
const QUIET_MS = 2_000;
const LOOK_AGAIN_MS = 10_000;
const LOOK_MS = 3_000;

export interface Patience {
  /** Milliseconds for the answer, however alive the server. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * A statement may well take minutes; a server that was frozen, or whose machine is gone, never says so. What tells
 * the two apart is a second connection: when that one is not answered either, the answer is given up (`SilenceError`),
 * within 5 seconds. Whether the statement was carried out is then unknown.
 */
export async function unlessSilent<T>(
  answer: Promise<T>,
  settings: DatabaseSettings,
  { deadlineMs, signal }: Patience,
): Promise<T> {
  const given = new AbortController();
  const giveUp = (reason: unknown): void => given.abort(reason);
  const onAbort = (): void => giveUp(signal.reason);
  signal.addEventListener("abort", onAbort);
  const timer = setTimeout(
    () => giveUp(new SilenceError(`no answer within ${deadlineMs / 1000} s`)),
    deadlineMs,
  );
  const done = new AbortController();
  void watch(settings, done.signal, giveUp);
  try {
    return await unlessAborted(answer, given.signal);
  } finally {
    done.abort();
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** An answer that did not come: the statement may or may not have been carried out. */
export class SilenceError extends Error {
  readonly code = "CLUSTERFLOW_SILENCE";
}

async function watch(
  settings: DatabaseSettings,
  done: AbortSignal,
  giveUp: (reason: SilenceError) => void,
): Promise<void> {
  for (let pauseMs = QUIET_MS; ; pauseMs = LOOK_AGAIN_MS) {
    await sleep(pauseMs, done);
    if (done.aborted) return;
    if (!(await isAnswering(settings))) giveUp(new SilenceError("it does not answer any more"));
  }
}

/** Any answer of the server counts, also that it has too many connections; a connection refused is none. */
async function isAnswering(settings: DatabaseSettings): Promise<boolean> {
  const client = openClient(settings, "clusterflow: is the server there?");
  const answer = client.sql.unsafe("SELECT 1").then(() => true, isServerError);
  const hasSettled = await settlesWithin(answer, LOOK_MS);
  void discardClient(client, 0);
  return hasSettled && (await answer);
}
