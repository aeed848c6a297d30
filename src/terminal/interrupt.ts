import { ClusterflowError } from "../core/errors.ts";
import { sharedController } from "../core/signal.ts";

let controller: AbortController | null = null;

/**
 * `last` is called, and has to end the process, at a signal that no work waits for: before `interruption` is asked
 * for, and at the second one. Without it the signal does what it always does.
 */
export function beforeLeaving(last: (error: ClusterflowError) => void): void {
  const leave = (signal: NodeJS.Signals): void => {
    if (controller === null || controller.signal.aborted) last(interruptedBy(signal));
  };
  process.on("SIGINT", leave);
  process.on("SIGTERM", leave);
}

/**
 * The process's own interruption. The first SIGINT or SIGTERM fires it, so that running work can finish what it
 * holds; after that both signals do again what they always do, so a second one ends the process at once.
 */
export function interruption(): AbortSignal {
  if (controller !== null) return controller.signal;
  const fresh = sharedController();
  controller = fresh;
  const stop = (signal: NodeJS.Signals): void => {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    fresh.abort(interruptedBy(signal));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return fresh.signal;
}

function interruptedBy(signal: NodeJS.Signals): ClusterflowError {
  return new ClusterflowError("interrupted", { code: "interrupted", vendorCode: signal });
}
