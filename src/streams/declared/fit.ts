import type { Json } from "../../core/json.ts";
import { isTimestamp } from "../reading/timestamp.ts";
import { ExactNumber, exactText } from "../../core/exact-json.ts";

/**
 * Brings a value that JSON holds to what PostgreSQL takes for a type; undefined for one that does not fit. Called for
 * every column of every row: plain tests, nothing that is interpreted.
 */
export type Fit = (value: unknown) => Json | undefined;

export const text: Fit = (value) => (typeof value === "string" ? value : undefined);

export function shortText(most: number): Fit {
  return (value) =>
    typeof value === "string" && (value.length <= most || Array.from(value).length <= most)
      ? value
      : undefined;
}

export function whole(least: number, most: number): Fit {
  return (value) => {
    const number = typeof value === "string" && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
    const isFit = typeof number === "number" && Number.isInteger(number) && number >= least && number <= most;
    return isFit ? number : undefined;
  };
}

const LONG_MAX = 2n ** 63n - 1n;

export const long: Fit = (value) => {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  const digits = numeral(value);
  if (digits === null || !/^-?\d{1,19}$/.test(digits)) return undefined;
  const exact = BigInt(digits);
  return exact <= LONG_MAX && exact >= -LONG_MAX - 1n ? digits : undefined;
};

/** A number as it was written: from JSON, or in a text, as many send what JavaScript would round. */
function numeral(value: unknown): string | null {
  if (value instanceof ExactNumber) return ExactNumber.textOf(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : null;
  return typeof value === "string" && NUMERAL.test(value) ? value : null;
}

const NUMERAL = /^-?\d{1,1000}(?:\.\d{1,1000})?(?:[eE][+-]?\d{1,4})?$/;

export function decimal(decimals: number | null): Fit {
  return (value) => {
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    const digits = numeral(value);
    return digits === null || (decimals !== null && decimalsOf(digits) > decimals) ? undefined : digits;
  };
}

function decimalsOf(digits: string): number {
  const [, after = "", exponent = "0"] = /^-?\d+(?:\.(\d*?)0*)?(?:[eE]([+-]?\d+))?$/.exec(digits) ?? [];
  return Math.max(0, after.length - Number(exponent));
}

export const float: Fit = (value) => {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : (numeral(value) ?? undefined);
  return value instanceof ExactNumber ? ExactNumber.textOf(value) : undefined;
};

export const truth: Fit = (value) => (typeof value === "boolean" ? value : undefined);

export const instant: Fit = (value) => (typeof value === "string" && isTimestamp(value) ? value : undefined);

export const localTime: Fit = (value) =>
  typeof value === "string" && isTimestamp(`${value}Z`) ? value : undefined;

export const day: Fit = (value) =>
  typeof value === "string" && value.length === 10 && isTimestamp(`${value}T00:00:00Z`) ? value : undefined;

export const timeOfDay: Fit = (value) =>
  typeof value === "string" && isTimestamp(`2000-01-01T${value}Z`) ? value : undefined;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const uuid: Fit = (value) => (typeof value === "string" && UUID.test(value) ? value : undefined);

/** As text: see `ColumnType.travels`. */
export const document: Fit = (value) => exactText(value);

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export const bytes: Fit = (value) =>
  typeof value === "string" && value.length % 4 === 0 && BASE64.test(value)
    ? `\\x${Buffer.from(value, "base64").toString("hex")}`
    : undefined;

/** Milliseconds or seconds since 1970, for producers that send no text. */
export function since1970(unitMs: number): Fit {
  return (value) => {
    if (typeof value !== "number" || !Number.isInteger(value)) return undefined;
    const ms = value * unitMs;
    return ms >= FIRST_MS && ms <= LAST_MS ? new Date(ms).toISOString() : undefined;
  };
}

/** Four digits for the year, as ISO 8601 has them without a sign. */
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
