import { exitStatusOf, type ClusterflowError } from "../core/errors.ts";
import { asTyped } from "./as-typed.ts";
import { say } from "./log.ts";

/** An error that came when a part of the work was done, and what the document has to say of that part. */
export class FailedAfter extends Error {
  readonly done: object;

  constructor(done: object, cause: unknown) {
    super("failed after a part was done", { cause });
    this.done = done;
  }
}

/** Tells an error on stderr: what happened, and the next thing to type. */
export function tellFailure(error: ClusterflowError, debug: { readonly stack: boolean }): void {
  const below = error.hint === null ? [] : [`  next: ${asTyped(error.hint)}`];
  // an error with a next step is understood; one without is a fault of ours
  const stack = debug.stack || (error.code === "unexpected" && error.hint === null) ? stackOf(error) : [];
  const details = { ...describe(error), ...(stack.length === 0 ? {} : { stack: stack.join("\n") }) };
  say("error", error.message, { below: [...below, ...stack], details });
}

/** An error as a program reads it. */
export function failureDocument(error: ClusterflowError): Readonly<Record<string, unknown>> {
  return {
    ok: false,
    exit: exitStatusOf(error),
    error: describe(error),
  };
}

function describe({ code, message, hint, vendorCode }: ClusterflowError): object {
  return { code, message, suggestion: hint, vendorCode };
}

/** Only for faults of ours: a person's mistake never shows a stack. */
function stackOf(error: ClusterflowError): string[] {
  const origin = error.cause instanceof Error ? error.cause : error;
  return (origin.stack ?? "").split("\n").map((line) => `  ${line}`);
}
