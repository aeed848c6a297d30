import type { Json } from "../../core/json.ts";
import { ExactNumber } from "../../core/exact-json.ts";
import { decimalText } from "./decimal.ts";
import type { Field } from "./envelope.ts";
import { dateText, inPostgresYears, timestampText } from "./time.ts";

/** The value as it travels to PostgreSQL; undefined for one that the column's type cannot have come to. */
type Read = (value: Json, field: Field | undefined) => Json | undefined;

export interface Column {
  readonly name: string;
  /** What the writer casts to. */
  readonly travels: string;
  readonly read: Read;
  /** Whether a value stands for one that the source did not log, because it lies out of line and did not change. */
  readonly isUnavailable: (value: Json) => boolean;
}

const UNAVAILABLE = "__debezium_unavailable_value";
const UNAVAILABLE_FORMS: ReadonlySet<string> = new Set(
  [
    UNAVAILABLE,
    Buffer.from(UNAVAILABLE).toString("base64"),
    [UNAVAILABLE],
    [...Buffer.from(UNAVAILABLE)],
    ["b68a35a7-17ad-35b3-af2a-ae46edb4545a"],
  ].map((form) => JSON.stringify(form)),
);
const LONGEST_FORM = 40;

/** A column of a table that Debezium copies, by its type in PostgreSQL. Throws for a type that is not read yet. */
export function columnOf(name: string, type: string): Column {
  const element = type.endsWith("[]") ? type.slice(0, -2) : null;
  const read = element === null ? readOf(type) : listOf(readOf(element));
  return { name, travels: /^jsonb?$/.test(type) ? `pg_catalog.${type}` : type, read, isUnavailable };
}

function isUnavailable(value: Json): boolean {
  if (typeof value !== "string" && !Array.isArray(value)) return false;
  return value.length <= LONGEST_FORM && UNAVAILABLE_FORMS.has(JSON.stringify(value));
}

const READS: Readonly<Record<string, Read>> = {
  smallint: whole,
  integer: whole,
  bigint: whole,
  real: float,
  "double precision": float,
  boolean: (value) => (typeof value === "boolean" ? value : undefined),
  text,
  uuid: (value) => (typeof value === "string" ? value.toLowerCase() : undefined),
  json: text,
  jsonb: text,
  bytea: (value) =>
    typeof value === "string" ? `\\x${Buffer.from(value, "base64").toString("hex")}` : undefined,
  date: dayOf,
  timestamp: timestampIn(false),
  ...Object.fromEntries([0, 1, 2, 3].map((decimals) => [`timestamp(${decimals})`, timestampIn(true)])),
  timestamptz,
};

function readOf(type: string): Read {
  const [, scale] = /^numeric(?:\(\d+,(\d+)\))?$/.exec(type) ?? [];
  if (type.startsWith("numeric"))
    return (value, field) => decimalText(value, field, scale === undefined ? null : Number(scale));
  const read = READS[type];
  if (read === undefined) throw new RangeError(`a column of type ${type}`);
  return read;
}

function listOf(read: Read): Read {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items = (value as readonly Json[]).map((item) => (item === null ? null : read(item, undefined)));
    return items.includes(undefined) ? undefined : (items as readonly Json[]);
  };
}

/** A text, because two spellings of one number would be two keys. */
function whole(value: Json): string | undefined {
  return integerIn(value)?.toString();
}

function integerIn(value: Json): bigint | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (!(value instanceof ExactNumber)) return undefined;
  const digits = ExactNumber.textOf(value);
  return /^-?\d+$/.test(digits) ? BigInt(digits) : undefined;
}

function float(value: Json): Json | undefined {
  if (typeof value === "number") return String(value);
  if (value instanceof ExactNumber) return ExactNumber.textOf(value);
  return typeof value === "string" && /^(?:NaN|-?Infinity)$/.test(value) ? value : undefined;
}

function text(value: Json): Json | undefined {
  return typeof value === "string" ? value : undefined;
}

function dayOf(value: Json): string | undefined {
  if (typeof value === "string") return inPostgresYears(value.replace(/Z$/, ""));
  const days = integerIn(value);
  return days === undefined ? undefined : dateText(days);
}

function timestampIn(isInMs: boolean): Read {
  return (value, field) => {
    if (typeof value === "string") return inPostgresYears(value.replace(/Z$/, ""));
    const count = integerIn(value);
    return count === undefined ? undefined : timestampText(count, field, isInMs);
  };
}

function timestamptz(value: Json): string | undefined {
  if (typeof value !== "string") return undefined;
  return /^-?infinity$/.test(value) ? value : inPostgresYears(value);
}
