import { ClusterflowError } from "../../core/errors.ts";
import { exactText } from "../../core/exact-json.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { CHANGE, type Table, type Target } from "../../streams/define.ts";

/** How a column travels: as one array literal of its values, cast to arrays of `element`, each value cast once more. */
interface ColumnType {
  readonly element: string;
  readonly cast: string;
  readonly toScalar: (value: Json | undefined) => Scalar;
}

type Scalar = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** The columns of a table in the order of the statement's parameters. */
export function columnsOf({ columns }: Table): readonly Column[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type: columnType(type) }));
}

/**
 * Makes the parameters that hold the rows of one batch. Columns as array literals take PostgreSQL 2.6 µs a row, where
 * it takes 5.1 to read the same rows as JSON; COPY takes 2.0 (measured, six columns).
 */
export function rowParameters(target: Target): (sheets: readonly (readonly JsonObject[])[]) => string[] {
  if (target.kind === "procedure") return ([rows]) => [exactText(rows ?? [])];
  const tables = target.tables.map((table) => ({ columns: columnsOf(table), again: table.again }));
  return (sheets) =>
    tables.flatMap(({ columns, again }, index) => {
      const rows = sheets[index] ?? [];
      const literals = columns.map(({ name, type }) =>
        arrayLiteral(rows.map((row) => type.toScalar(row[name]))),
      );
      return again === "change"
        ? [...literals, arrayLiteral(rows.map((row) => markOf(row, columns)))]
        : literals;
    });
}

/** What is to be done with a row of a table of changes: `d`, `t`, or for each column 1 where it stays as it is. */
function markOf(row: JsonObject, columns: readonly Column[]): string {
  const change = row[CHANGE];
  if (change !== undefined) return change === "delete" ? "d" : "t";
  return columns.map(({ name }) => (row[name] === undefined ? "1" : "0")).join("");
}

/**
 * A type without its length, since a cast to `varchar(3)` cuts off what an assignment refuses. PostgreSQL has no arrays
 * of arrays: those travel as texts.
 */
function columnType(type: string): ColumnType {
  if (type.endsWith("[]")) return { element: "text", cast: `::${type}`, toScalar: toArrayText };
  if (/^jsonb?$/i.test(type)) return { element: type, cast: "", toScalar: toJsonText };
  if (/^bit\b/i.test(type)) return { element: "bit varying", cast: "", toScalar };
  if (/^(var)?char|^bpchar/i.test(type)) return { element: "text", cast: "", toScalar };
  return { element: type.replace(/\s*\([^)]*\)/, ""), cast: "", toScalar };
}

function toScalar(value: Json | undefined): Scalar {
  if (typeof value === "string") return value;
  if (typeof value === "number") return exact(value);
  if (value === undefined || value === null) return null;
  return typeof value === "object" ? exactText(value) : value;
}

function toJsonText(value: Json | undefined): Scalar {
  return value === undefined || value === null ? null : exactText(value);
}

function toArrayText(value: Json | undefined): Scalar {
  return Array.isArray(value) ? arrayLiteral(value.map(toScalar)) : toScalar(value);
}

/** Beyond 2^53 the number that was sent is not known any more: better a dead letter than a neighbour. */
function exact(value: number): number {
  if (Number.isSafeInteger(value) || (!Number.isInteger(value) && Number.isFinite(value))) return value;
  throw new ClusterflowError("a number that JavaScript's JSON does not hold exactly", {
    code: "data",
    vendorCode: "22003",
  });
}

/**
 * An array literal of PostgreSQL. JSON's own text is nearly one: the brackets are others, and a backslash stands
 * before a quote or a backslash only.
 */
export function arrayLiteral(values: readonly Scalar[]): string {
  const elements = JSON.stringify(values).slice(1, -1);
  return `{${elements.includes("\\") ? withoutEscapes(elements) : elements}}`;
}

const ESCAPE = /\\(?:["\\]|([bfnrt])|u([0-9a-f]{4}))/g;
const SHORT: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function withoutEscapes(elements: string): string {
  return elements.replace(ESCAPE, (escape: string, short?: string, code?: string) => {
    if (short !== undefined) return SHORT[short] ?? escape;
    return code === undefined ? escape : String.fromCharCode(Number.parseInt(code, 16));
  });
}
