import { gunzipSync } from "node:zlib";
import type { Json } from "../../core/json.ts";
import type { ObjectsMessage } from "./messages.ts";
import { parseJsonDocument } from "../reading/parse-json.ts";
import { rejected, type Rejected } from "../reading/rejected.ts";

/** Ten times what etcd takes for one object by default; gzip reaches a thousandfold. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;
/**
 * Bytes say little about what JSON costs once it is parsed: 64 MiB of `[],` took 18 seconds and 2.9 GB. One object
 * came packed, and none that a cluster can hold has this many values.
 */
const MAX_VALUES = 1_000_000;
const NOT_BASE64 = /[^A-Za-z0-9+/=]/;

type Items =
  | {
      readonly kind: "items";
      readonly items: readonly Json[];
      /** What they unpacked to; 0 for those that were not packed. */
      readonly bytes: number;
    }
  | Rejected;

/** The objects of a message, unpacked if they came packed; nothing about the objects themselves is judged. */
export function unpackItems({ encoding, items }: Pick<ObjectsMessage, "encoding" | "items">): Items {
  if (encoding === undefined) {
    return typeof items === "string"
      ? rejected("the field items is a text, but no encoding is named")
      : listed(items, 0);
  }
  if (typeof items !== "string")
    return rejected(`the field items is an array, but its encoding is named ${encoding}`);
  const bytes = gunzipped(items);
  if (typeof bytes === "string") return rejected(`the field items ${bytes}`);
  if (holdsMoreThan(MAX_VALUES, bytes))
    return rejected(`the field items unpacks to more than ${MAX_VALUES} values`);
  const parsed = parseJsonDocument(bytes);
  if (parsed.kind === "rejected") return rejected(`what the field items unpacks to ${parsed.reason}`);
  return Array.isArray(parsed.value)
    ? listed(parsed.value as readonly Json[], bytes.length)
    : rejected("what the field items unpacks to is not an array");
}

function listed(items: readonly Json[], bytes: number): Items {
  return { kind: "items", items, bytes };
}

/** The bytes, or what is wrong with the text that should have held them. */
function gunzipped(text: string): Buffer | string {
  // Buffer.from skips what is not base64 without a word
  if (NOT_BASE64.test(text)) return "is not base64";
  try {
    return gunzipSync(Buffer.from(text, "base64"), { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    return error instanceof RangeError
      ? `unpacks to more than ${MAX_UNPACKED_BYTES} bytes`
      : "is not a whole gzip stream";
  }
}

/** Counts what comes before a value, also inside texts: a bound, not a number of values. */
function holdsMoreThan(limit: number, json: Buffer): boolean {
  if (json.length <= limit) return false;
  let starts = 0;
  for (let at = 0; at < json.length && starts <= limit; at += 1) {
    const byte = json[at];
    if (byte === 0x2c || byte === 0x5b || byte === 0x7b) starts += 1;
  }
  return starts > limit;
}
