import { randomUUID } from "node:crypto";
import type { Json } from "./json.ts";

/** Stands before the digits while they are a text. Nobody can know it, so nobody can send it. */
const MARK = `${randomUUID()}#`;

/** A number with more digits than JavaScript holds, as it was written. */
export class ExactNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  static textOf(value: ExactNumber): string {
    return value.#text;
  }

  /** The same text for the same number, however it is written. */
  static canonicalOf(value: ExactNumber): string {
    return canonicalNumber(value.#text);
  }

  toJSON(): string {
    return MARK + this.#text;
  }
}

/** So many digits may be more than a double holds. Texts with them cost a second reading and nothing else. */
const MANY_DIGITS = /\d[\d.]{15}/;
/** Whole strings, so that digits in them are passed over, and numbers. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** Whether numbers of this JSON may have been rounded by JSON.parse. */
export function mayBeRounded(text: string): boolean {
  return MANY_DIGITS.test(text);
}

/**
 * Reads JSON as JSON.parse does, but for numbers of many digits, which become `ExactNumber`. The text has to be JSON:
 * somebody has parsed it before. Node 20 does not tell revivers what was written.
 */
export function parseExact(text: string): unknown {
  return parseKeeping(text, (digits) => MANY_DIGITS.test(digits));
}

/**
 * Reads a document as JSON.parse does, and keeps as `ExactNumber` what that would round: the value stays the same, the
 * way it was written need not. Throws what JSON.parse throws.
 */
export function parseDocument(text: string): Json {
  const value = JSON.parse(text) as Json;
  return mayBeRounded(text) ? (parseKeeping(text, isRounded) as Json) : value;
}

function parseKeeping(text: string, isKept: (digits: string) => boolean): unknown {
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') || !isKept(token) ? token : `"${MARK}${token}"`,
  );
  // a reviver is called for every value there is; long digits are mostly parts of a text
  if (marked === text) return JSON.parse(text);
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === "string" && value.startsWith(MARK) ? new ExactNumber(value.slice(MARK.length)) : value,
  );
}

/** What is beyond a double's range, at either end, stays what JSON.parse makes of it. */
function isRounded(digits: string): boolean {
  if (!MANY_DIGITS.test(digits)) return false;
  const double = Number(digits);
  if (!Number.isFinite(double) || double === 0) return false;
  return canonicalNumber(digits) !== canonicalNumber(String(double));
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Significant digits and a power of ten, which is JSON too. */
function canonicalNumber(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = NUMBER.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

const MARKED = new RegExp(`"${MARK}([^"]*)"`, "g");

/** The other way round: JSON with the digits as they were. */
export function exactText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes(MARK) ? text.replace(MARKED, "$1") : text;
}
