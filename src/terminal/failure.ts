import { exitStatusOf, type ClusterflowError } from "../core/errors.ts";

/** An error as a person reads it: what happened, and the next thing to type. */
export function describeFailure(error: ClusterflowError, debug: { readonly stack: boolean }): string {
  const lines = [`error: ${error.message}`];
  if (error.hint !== null) lines.push(`  next: ${error.hint}`);
  // an error with a next step is understood; one without is a fault of ours
  if (debug.stack || (error.code === "unexpected" && error.hint === null)) lines.push(...stackOf(error));
  return lines.join("\n");
}

/** An error as a program reads it. */
export function failureDocument(error: ClusterflowError): Readonly<Record<string, unknown>> {
  return {
    ok: false,
    exit: exitStatusOf(error),
    error: { code: error.code, message: error.message, suggestion: error.hint, vendorCode: error.vendorCode },
  };
}

/** Only for faults of ours: a person's mistake never shows a stack. */
function stackOf(error: ClusterflowError): string[] {
  const origin = error.cause instanceof Error ? error.cause : error;
  return (origin.stack ?? "").split("\n").map((line) => `  ${line}`);
}
