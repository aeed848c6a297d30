import { ClusterflowError } from "../core/errors.ts";

let controller: AbortController | null = null;

/**
 * The process's own interruption. The first SIGINT or SIGTERM fires it, so that running work can finish what it
 * holds; after that both signals do again what they always do, so a second one ends the process at once.
 */
export function interruption(): AbortSignal {
  if (controller !== null) return controller.signal;
  const fresh = new AbortController();
  controller = fresh;
  const stop = (signal: NodeJS.Signals): void => {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    fresh.abort(new ClusterflowError("interrupted", { code: "interrupted", vendorCode: signal }));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return fresh.signal;
}
