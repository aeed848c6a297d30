import { quoteForShell } from "../config/setup/quote.ts";
import { ClusterflowError } from "../core/errors.ts";

/** What a command about a stack has to say besides its verb; null is the usual folder, and nothing has to be said. */
export function dataDirFlag(dataDir: string | null): string {
  return dataDir === null ? "" : ` --data-dir ${quoteForShell(dataDir)}`;
}

/** The error with its next command about the same stack; `--ephemeral` is about another one. */
export function withDataDir(thrown: unknown, dataDir: string | null): unknown {
  if (!(thrown instanceof ClusterflowError) || thrown.hint === null) return thrown;
  const { message, code, retryable, vendorCode } = thrown;
  const verb = /clusterflow local (start|stop|status|logs|env|reset)(?! --(ephemeral|data-dir))/g;
  return new ClusterflowError(message, {
    ...{ code, retryable, cause: thrown.cause ?? thrown },
    ...(vendorCode === null ? {} : { vendorCode }),
    hint: thrown.hint.replace(verb, (command) => command + dataDirFlag(dataDir)),
  });
}
