import type { Json } from "../../core/json.ts";
import { nearestName } from "../../core/nearest.ts";
import * as fit from "./fit.ts";

/** A type of a column, and how a value from JSON is brought to it. */
export interface ColumnType {
  /** As PostgreSQL prints it. */
  readonly name: string;
  /** What the writer casts to: a document travels as its text, since its numbers may be longer than JavaScript's. */
  readonly travels: string;
  /** What a value has to be, in words. */
  readonly wanted: string;
  /** The value as it travels to PostgreSQL; undefined for one that does not fit. */
  readonly fit: fit.Fit;
}

const SPELLINGS: Readonly<Record<string, string>> = {
  int2: "smallint",
  int: "integer",
  int4: "integer",
  int8: "bigint",
  decimal: "numeric",
  float4: "real",
  float8: "double precision",
  bool: "boolean",
  timestamptz: "timestamp with time zone",
  timestamp: "timestamp without time zone",
  time: "time without time zone",
  varchar: "character varying",
};

const PLAIN: Readonly<Record<string, readonly [wanted: string, fit: fit.Fit]>> = {
  text: ["a text", fit.text],
  "character varying": ["a text", fit.text],
  smallint: ["a whole number from -32768 to 32767", fit.whole(-32_768, 32_767)],
  integer: ["a whole number from -2147483648 to 2147483647", fit.whole(-2_147_483_648, 2_147_483_647)],
  bigint: ["a whole number of 64 bits", fit.long],
  numeric: ["a number", fit.decimal(null)],
  real: ["a number", fit.float],
  "double precision": ["a number", fit.float],
  boolean: ["true or false", fit.truth],
  "timestamp with time zone": ["a time with its zone, such as 2026-01-31T10:00:00Z", fit.instant],
  "timestamp without time zone": ["a time without a zone, such as 2026-01-31T10:00:00", fit.localTime],
  "time without time zone": ["a time of day, such as 10:00:00", fit.timeOfDay],
  date: ["a day, such as 2026-01-31", fit.day],
  uuid: ["a UUID", fit.uuid],
  jsonb: ["a value", fit.document],
  json: ["a value", fit.document],
  bytea: ["bytes in base64", fit.bytes],
};

/** In the words in which people declare them. */
export const TYPE_NAMES: readonly string[] = [
  ...["text", "varchar(n)", "smallint", "integer", "bigint", "numeric", "numeric(p,s)", "real"],
  ...[
    "double precision",
    "boolean",
    "timestamptz",
    "timestamp",
    "date",
    "time",
    "uuid",
    "jsonb",
    "json",
    "bytea",
  ],
];

const SHAPE = /^([a-z][a-z0-9 ]*?) *(?:\( *(\d{1,7}) *(?:, *(\d{1,4}) *)?\))? *(\[\])?$/;

/** A type of the closed list, in any of its usual spellings; null when it is none. */
export function parseType(text: string): ColumnType | null {
  const [, word, length, scale, array] = SHAPE.exec(text.toLowerCase().trim()) ?? [];
  if (word === undefined) return null;
  const name = own(SPELLINGS, word) ?? word;
  const one = length === undefined ? plainType(name) : withLength(name, Number(length), scale);
  if (one === null || array === undefined) return one;
  return NO_ARRAYS.has(name) ? null : arrayOf(one);
}

function own<T>(words: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(words, word) ? words[word] : undefined;
}

function plainType(name: string): ColumnType | null {
  const plain = own(PLAIN, name);
  return plain === undefined ? null : typeOf(name, ...plain);
}

const NO_ARRAYS: ReadonlySet<string> = new Set(["json", "jsonb", "bytea"]);

function typeOf(name: string, wanted: string, how: fit.Fit): ColumnType {
  const isDocument = name === "jsonb" || name === "json";
  return { name, travels: isDocument ? `pg_catalog.${name}` : name, wanted, fit: how };
}

function withLength(name: string, length: number, scale: string | undefined): ColumnType | null {
  if (name === "numeric") return numericType(length, Number(scale ?? 0));
  if (name !== "character varying" || scale !== undefined || length < 1 || length > 10_485_760) return null;
  return typeOf(`${name}(${length})`, `a text of at most ${length} characters`, fit.shortText(length));
}

function numericType(precision: number, scale: number): ColumnType | null {
  if (precision < 1 || precision > 1000 || scale > precision) return null;
  // PostgreSQL would round without a word
  const wanted = scale === 0 ? "a whole number" : `a number with at most ${scale} decimals`;
  return typeOf(`numeric(${precision},${scale})`, wanted, fit.decimal(scale));
}

function arrayOf({ name, wanted, fit: one }: ColumnType): ColumnType {
  const many: fit.Fit = (value) => {
    if (!Array.isArray(value)) return undefined;
    const items: Json[] = [];
    for (const item of value as readonly unknown[]) {
      const fitted = item === null ? null : one(item);
      if (fitted === undefined) return undefined;
      items.push(fitted);
    }
    return items;
  };
  return { name: `${name}[]`, travels: `${name}[]`, wanted: `a list, each ${wanted}`, fit: many };
}

/** The type that was probably meant; null when none is close. */
export function nearestType(text: string): string | null {
  return nearestName(text, [...TYPE_NAMES, ...Object.keys(SPELLINGS)]);
}
