import { ClusterflowError } from "../core/errors.ts";

/** Something the person gave is wrong; `hint` is what to change. */
export function usageError(message: string, hint: string, cause?: unknown): ClusterflowError {
  return new ClusterflowError(message, { code: "usage", hint, cause });
}
