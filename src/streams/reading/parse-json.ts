import { isUtf8 } from "node:buffer";
import { parseDocument } from "../../core/exact-json.ts";
import type { Json } from "../../core/json.ts";
import { faultAt } from "./json-fault.ts";
import { storageFlaw } from "./storage-flaw.ts";

/** A JSON value that PostgreSQL can store as it is, or why the bytes are none, as words after "the value". */
export type Parsed =
  { readonly kind: "json"; readonly value: Json } | { readonly kind: "rejected"; readonly reason: string };

/** Reads bytes as one JSON value; never throws, whatever the bytes. Numbers of too many digits are rounded. */
export function parseJson(bytes: Buffer): Parsed {
  return parsed(bytes, (text) => JSON.parse(text) as Json);
}

/** The same for what is stored as it came: a number that would be rounded is an `ExactNumber`. */
export function parseJsonDocument(bytes: Buffer): Parsed {
  return parsed(bytes, parseDocument);
}

function parsed(bytes: Buffer, parse: (text: string) => Json): Parsed {
  if (bytes.length === 0) return rejected("is empty");
  // Buffer.toString replaces bad bytes without a word
  if (!isUtf8(bytes)) return rejected("is not valid UTF-8");
  const text = bytes.toString("utf8");
  if (text.startsWith("\uFEFF")) return rejected("begins with a byte order mark, which JSON does not allow");
  let value: Json;
  try {
    value = parse(text);
  } catch {
    return rejected(notJson(text));
  }
  const flaw = storageFlaw(value, text);
  return flaw === null ? { kind: "json", value } : rejected(flaw);
}

function rejected(reason: string): Parsed {
  return { kind: "rejected", reason };
}

function notJson(text: string): string {
  const at = faultAt(text);
  if (at >= text.length) return `is not JSON: it ends too early, after ${Buffer.byteLength(text)} bytes`;
  return `is not JSON: byte ${Buffer.byteLength(text.slice(0, at))} (counted from 0) cannot stand there`;
}
