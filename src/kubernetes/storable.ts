import { parseDocument } from "../core/exact-json.ts";
import { isJsonList, isJsonObject, type Json } from "../core/json.ts";

/** The only escapes of JSON text that can stand for a NUL or for half a surrogate pair. */
const RISKY_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;
/** With the `u` flag a surrogate matches only when its other half is missing. */
const UNSTORABLE = /[\0\p{Cs}]/gu;

/**
 * Parses JSON text into a value that PostgreSQL's `jsonb` takes: a NUL and half a surrogate pair, which it
 * refuses, become U+FFFD. Numbers keep all their digits. Text without a risky escape, nearly all there is, is not walked. Null when it is not
 * JSON, without saying where: the text may hold somebody's secret.
 */
export function parseStorable(text: string): Json {
  let value: Json;
  try {
    value = parseDocument(text);
  } catch {
    return null;
  }
  return RISKY_ESCAPE.test(text) ? storable(value) : value;
}

function storable(value: Json): Json {
  if (typeof value === "string") return value.replace(UNSTORABLE, "\ufffd");
  if (isJsonList(value)) return value.map(storable);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [
    key.replace(UNSTORABLE, "\ufffd"),
    storable(member),
  ]);
  return Object.fromEntries(members) as Json;
}
