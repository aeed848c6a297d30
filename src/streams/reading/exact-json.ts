import { randomUUID } from "node:crypto";

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
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') || !MANY_DIGITS.test(token) ? token : `"${MARK}${token}"`,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === "string" && value.startsWith(MARK) ? new ExactNumber(value.slice(MARK.length)) : value,
  );
}

const MARKED = new RegExp(`"${MARK}([^"]*)"`, "g");

/** The other way round: JSON with the digits as they were. */
export function exactText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes(MARK) ? text.replace(MARKED, "$1") : text;
}
