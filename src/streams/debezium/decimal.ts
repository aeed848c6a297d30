import { isJsonObject, type Json } from "../../core/json.ts";
import { ExactNumber } from "../../core/exact-json.ts";
import type { Field } from "./envelope.ts";

const WORDS: Readonly<Record<string, string>> = {
  NaN: "NaN",
  NAN: "NaN",
  Infinity: "Infinity",
  POSITIVE_INFINITY: "Infinity",
  "-Infinity": "-Infinity",
  NEGATIVE_INFINITY: "-Infinity",
};
const PLAIN = /^-?\d+(?:\.\d+)?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * A `numeric` in any of Debezium's three modes, exact but for `double`, where the connector has rounded it already.
 * `precise` sends the digits as bytes and their scale in the schema; without a schema it is the column's.
 * Undefined for what is none of them, or could be two: "1234" of a column without decimals.
 */
export function decimalText(value: Json, field: Field | undefined, scale: number | null): string | undefined {
  if (typeof value === "number") return String(value);
  if (value instanceof ExactNumber) return ExactNumber.textOf(value);
  if (typeof value === "string") return WORDS[value] ?? fromText(value, field, scale);
  if (!isJsonObject(value)) return undefined;
  const { scale: own, value: digits } = value;
  return typeof digits === "string" && typeof own === "number" ? fromBytes(digits, own) : undefined;
}

function fromText(text: string, field: Field | undefined, scale: number | null): string | undefined {
  // a schema of bytes has a scale, one of text has none
  if (field !== undefined) return field.scale === null ? plain(text) : fromBytes(text, field.scale);
  if (scale === null) return plain(text);
  if (PLAIN.test(text)) return BASE64.test(text) ? undefined : text;
  return fromBytes(text, scale);
}

function plain(text: string): string | undefined {
  return PLAIN.test(text) ? text : undefined;
}

/** Two's complement, the highest byte first. */
function fromBytes(base64: string, scale: number): string | undefined {
  if (base64 === "" || !BASE64.test(base64)) return undefined;
  const bytes = Buffer.from(base64, "base64");
  const unscaled = BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`));
  return scale > 0 ? withPoint(unscaled, scale) : `${unscaled}${unscaled === 0n ? "" : "0".repeat(-scale)}`;
}

function withPoint(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
