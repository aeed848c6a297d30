import { gunzipSync } from "node:zlib";
import type { Json } from "../../core/json.ts";
import type { ObjectsMessage } from "./messages.ts";
import { parseJson } from "./parse.ts";
import { rejected, type Rejected } from "./rejected.ts";

/** Forty times what etcd takes for one object by default; gzip reaches a thousandfold. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const NOT_BASE64 = /[^A-Za-z0-9+/=]/;

type Items = { readonly kind: "items"; readonly items: readonly Json[] } | Rejected;

/** The objects of a message, unpacked if they came packed; nothing about the objects themselves is judged. */
export function unpackItems({ encoding, items }: Pick<ObjectsMessage, "encoding" | "items">): Items {
  if (encoding === undefined) {
    return typeof items === "string"
      ? rejected("the field items is a text, but no encoding is named")
      : listed(items);
  }
  if (typeof items !== "string")
    return rejected(`the field items is an array, but its encoding is named ${encoding}`);
  const bytes = gunzipped(items);
  if (typeof bytes === "string") return rejected(`the field items ${bytes}`);
  const parsed = parseJson(bytes);
  if (parsed.kind === "rejected") return rejected(`what the field items unpacks to ${parsed.reason}`);
  return Array.isArray(parsed.value)
    ? listed(parsed.value as readonly Json[])
    : rejected("what the field items unpacks to is not an array");
}

function listed(items: readonly Json[]): Items {
  return { kind: "items", items };
}

/** The bytes, or what is wrong with the text that should have held them. */
function gunzipped(text: string): Buffer | string {
  // Buffer.from skips what is not base64 without a word
  if (NOT_BASE64.test(text)) return "is not base64";
  try {
    return gunzipSync(Buffer.from(text, "base64"), { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    return error instanceof RangeError ? `unpacks to more than ${MAX_UNPACKED_BYTES} bytes` : "is not gzip";
  }
}
