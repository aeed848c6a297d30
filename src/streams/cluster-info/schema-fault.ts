import type * as z from "zod";
import type { Json } from "../../core/json.ts";
import { printable } from "../../core/printable.ts";

/** The first thing that a schema found wrong with a value, with the path of the field. */
export function schemaFault(error: z.ZodError, root: Json): string {
  const [issue] = error.issues;
  const steps = (issue?.path ?? []).map((step) =>
    typeof step === "number" ? `[${step}]` : `.${String(step)}`,
  );
  const path = printable(steps.join("").slice(steps[0]?.startsWith(".") === true ? 1 : 0), 100);
  if (isMissing(root, issue?.path ?? [])) return `the field ${path} is missing`;
  return `the field ${path} is not acceptable: ${(issue?.message ?? "").replace(/^Invalid (input|option|string): /, "")}`;
}

function isMissing(root: Json, path: readonly PropertyKey[]): boolean {
  let value: unknown = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return true;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return false;
}
