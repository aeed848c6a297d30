import { isUtf8 } from "node:buffer";
import type { Json } from "../../core/json.ts";
import { faultAt } from "../../streams/reading/json-fault.ts";

/** A body as one JSON document, with the text it was read from; or why it is none. */
export type EventDocument =
  | { readonly kind: "document"; readonly value: Json; readonly text: string }
  | { readonly kind: "fault"; readonly reason: string };

/** Reads the bytes; says at which of them it went wrong, and never quotes them. */
export function readDocument(bytes: Buffer): EventDocument {
  if (bytes.length === 0) return fault("is empty");
  const text = bytes.toString("utf8");
  // Buffer.toString replaces bad bytes without a word
  if (!isUtf8(bytes))
    return fault(`is not valid UTF-8 from byte ${firstChange(bytes, Buffer.from(text))} on`);
  if (text.startsWith("\uFEFF")) return fault("begins with a byte order mark, which JSON does not allow");
  try {
    return { kind: "document", value: JSON.parse(text) as Json, text: text.trim() };
  } catch {
    return fault(notJson(text));
  }
}

function fault(reason: string): EventDocument {
  return { kind: "fault", reason };
}

function notJson(text: string): string {
  const at = Buffer.byteLength(text.slice(0, faultAt(text)));
  return at >= Buffer.byteLength(text)
    ? `is not JSON: it ends too early, after ${at} bytes`
    : `is not JSON: byte ${at} (counted from 0) cannot stand there`;
}

function firstChange(bytes: Buffer, replaced: Buffer): number {
  return bytes.findIndex((byte, at) => byte !== replaced[at]);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** The texts of an array's elements, as they stand there. `text` has to be valid JSON, an array. */
export function elementsOf(text: string): readonly string[] {
  const elements: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (OPENING.has(code)) {
      depth += 1;
      if (depth === 1) from = at + 1;
    } else if (CLOSING.has(code)) depth -= 1;
    if (depth === 0 || (depth === 1 && code === COMMA)) {
      elements.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  // only the one element of [] is blank
  return elements.filter((element) => element !== "");
}

function endOfString(text: string, begin: number): number {
  let at = begin + 1;
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
