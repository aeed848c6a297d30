/** A value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The text of a JSON value with object keys sorted and no white space, so that the same value always has
 * the same text, also after PostgreSQL's `jsonb` has reordered its keys. Numbers are written as JavaScript
 * writes them. Close in spirit to RFC 8785; keys sort by UTF-16 code unit as there.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isJsonObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
    return `{${members.join(",")}}`;
  }
  return `[${value.map(canonicalJson).join(",")}]`;
}
