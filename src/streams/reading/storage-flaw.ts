import { ExactNumber } from "../../core/exact-json.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { printable } from "../../core/printable.ts";

/** Containers inside one another; `jsonb` gives up between 12,000 and 15,000, real objects stay below 30. */
const MAX_LEVELS = 100;

/** The only escapes of JSON text that can stand for a NUL or for half a surrogate pair. */
const RISKY_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/;
const UNSTORABLE = /[\0\p{Cs}]/u;

/**
 * Why PostgreSQL's `jsonb` would refuse a value, or store another one, in the words after "the value"; null
 * when it would not. `text` is the JSON that the value was parsed from: valid UTF-8 without a risky escape
 * cannot hold an unstorable character, so the strings of nearly every message need no look.
 */
export function storageFlaw(root: Json, text: string): string | null {
  const flaw = search(root, RISKY_ESCAPE.test(text) ? "look at text" : "skip text", 1);
  if (flaw === null) return null;
  return flaw.path === "" ? flaw.what : `${flaw.what} at ${printable(flaw.path.replace(/^\./, ""), 100)}`;
}

interface Flaw {
  readonly what: string;
  readonly path: string;
}
type Care = "look at text" | "skip text";

const TOO_DEEP: Flaw = { what: `is nested more than ${MAX_LEVELS} levels deep`, path: "" };
const NOT_FINITE: Flaw = { what: "holds a number beyond the range of a double", path: "" };
const NOT_TEXT: Flaw = {
  what: "holds a \\u0000 or half of a surrogate pair, which jsonb refuses,",
  path: "",
};

function search(value: Json, care: Care, level: number): Flaw | null {
  if (typeof value === "string") return care === "look at text" && UNSTORABLE.test(value) ? NOT_TEXT : null;
  // JSON.parse reads 1e400 as Infinity, which JSON.stringify then writes as null
  if (typeof value === "number") return Number.isFinite(value) ? null : NOT_FINITE;
  if (value === null || typeof value === "boolean") return null;
  return value instanceof ExactNumber ? null : searchInside(value, care, level);
}

function searchInside(value: JsonObject | readonly Json[], care: Care, level: number): Flaw | null {
  if (level > MAX_LEVELS) return TOO_DEEP;
  return isJsonObject(value) ? searchObject(value, care, level) : searchList(value, care, level);
}

function searchObject(value: { readonly [key: string]: Json }, care: Care, level: number): Flaw | null {
  for (const key of Object.keys(value)) {
    const flaw = search(key, care, level) ?? search(value[key] ?? null, care, level + 1);
    if (flaw !== null) return under(`.${key}`, flaw);
  }
  return null;
}

function searchList(value: readonly Json[], care: Care, level: number): Flaw | null {
  for (const [index, item] of value.entries()) {
    const flaw = search(item, care, level + 1);
    if (flaw !== null) return under(`[${index}]`, flaw);
  }
  return null;
}

function under(step: string, flaw: Flaw): Flaw {
  return flaw.what === TOO_DEEP.what ? flaw : { what: flaw.what, path: `${step}${flaw.path}` };
}
