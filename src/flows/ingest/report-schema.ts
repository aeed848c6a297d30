import type { JsonObject } from "../../core/json.ts";
import type { Shape } from "../../streams/quiz/report-define.ts";

const SCALARS: Readonly<Record<string, JsonObject>> = {
  text: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  time: { type: "string", format: "date-time" },
  date: { type: "string", format: "date" },
};

/** A report's answer as a JSON Schema. */
export function schemaOf(shape: Shape): JsonObject {
  const properties = Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [name, fieldSchema(field)]),
  );
  return { type: "object", required: Object.keys(shape), properties };
}

function fieldSchema(field: Shape[string]): JsonObject {
  if (typeof field !== "string")
    return isList(field) ? { type: "array", items: schemaOf(field[0]) } : schemaOf(field);
  const schema = SCALARS[field.replace("?", "")] ?? {};
  return field.endsWith("?") ? { ...schema, type: [schema["type"] ?? "string", "null"] } : schema;
}

function isList(field: readonly [Shape] | Shape): field is readonly [Shape] {
  return Array.isArray(field);
}
