import { isUtf8 } from "node:buffer";
import type { Json, JsonObject } from "../../core/json.ts";
import { parseJson } from "../reading/parse-json.ts";
import { rejected } from "../reading/rejected.ts";
import type { Decoded, RecordView, Stream } from "../define.ts";
import {
  sourceText,
  type DeclaredColumn,
  type DeclaredTable,
  type Declaration,
  type When,
} from "./declaration.ts";
import { ExactNumber, mayBeRounded, parseExact } from "../../core/exact-json.ts";
import { compilePath, type Take } from "./json-path.ts";

/** One row of a table, nothing where its condition does not hold, or why the record cannot be stored. */
type MakeRow = (root: unknown, record: RecordView) => JsonObject | string | null;
type Find = (root: unknown, record: RecordView) => unknown;

/** The declaration as a function. Paths, types and conditions are compiled here, once. */
export function compileDecode(declaration: Declaration): Stream["decode"] {
  const makers = declaration.tables.map(compileTable);
  const skips = declaration.unmatched === "skip";
  const conditions = [
    ...new Set(declaration.tables.flatMap(({ when }) => (when === null ? [] : [when.path]))),
  ];
  const unmatched = `no table takes the record: ${conditions.join(", ")} ${conditions.length === 1 ? "has" : "have"} none of the values that are declared`;
  return (record) => {
    const read = readValue(record.value);
    if (read.kind === "rejected") return read;
    const tables: (readonly JsonObject[])[] = [];
    let isTaken = skips;
    for (const make of makers) {
      const row = make(read.root, record);
      if (typeof row === "string") return rejected(row);
      isTaken ||= row !== null;
      tables.push(row === null ? [] : [row]);
    }
    return isTaken ? { kind: "tables", tables } : rejected(unmatched);
  };
}

function readValue(
  value: Buffer | null,
): { readonly kind: "read"; readonly root: unknown } | Extract<Decoded, { kind: "rejected" }> {
  if (value === null)
    return rejected("the record has no value (a tombstone), and a declared stream deletes nothing");
  const parsed = parseJson(value);
  if (parsed.kind === "rejected") return rejected(`the value ${parsed.reason}`);
  const text = value.toString("utf8");
  return { kind: "read", root: mayBeRounded(text) ? parseExact(text) : parsed.value };
}

function compileTable({ columns, when }: DeclaredTable): MakeRow {
  const holds = when === null ? null : compileWhen(when);
  const compiled = columns.map((column) => ({ column, find: compileFind(column) }));
  return (root, record) => {
    if (holds !== null && !holds(root)) return null;
    const row: Record<string, Json> = {};
    for (const { column, find } of compiled) {
      const found = find(root, record) ?? null;
      if (found === null && column.isRequired) return misfit(column, undefined);
      const fitted = found === null ? column.fallback : column.fit(found);
      if (fitted === undefined) return misfit(column, found);
      row[column.name] = fitted;
    }
    return row;
  };
}

function compileWhen({ steps, equals }: When): (root: unknown) => boolean {
  const take = compilePath(steps);
  const [only] = equals;
  return equals.length === 1
    ? (root) => take(root) === only
    : (root) => (equals as readonly unknown[]).includes(take(root));
}

function compileFind({ source }: DeclaredColumn): Find {
  switch (source.kind) {
    case "path": {
      const take: Take = compilePath(source.steps);
      return take;
    }
    case "header":
      return (_, { headers }) => textOf(headers?.findLast(([name]) => name === source.name)?.[1] ?? null);
    case "key":
      return (_, { key }) => textOf(key);
    case "timestamp":
      return (_, { timestamp }) => (timestamp < 0 ? null : Number(timestamp));
    case "offset":
      return (_, { offset }) => offset?.toString();
    case "partition":
      return (_, { partition }) => partition;
    case "topic":
      return (_, { topic }) => topic;
  }
}

/** Bytes that are no text are not fit for any type: they are shown as what they are. */
function textOf(bytes: Buffer | null): unknown {
  if (bytes === null) return null;
  return isUtf8(bytes) ? bytes.toString("utf8") : bytes;
}

/** Says of what kind the value is and not which: dead letters are read by more people than the topic. */
function misfit({ name, source, wanted }: DeclaredColumn, found: unknown): string {
  return `column ${name} wants ${wanted}, and ${sourceText(source)} ${found === undefined ? "is missing" : `is ${kindOf(found)}`}`;
}

function kindOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return "not UTF-8";
  if (Array.isArray(value)) return "a list";
  if (value instanceof ExactNumber || typeof value === "number") return "another number";
  if (typeof value === "string") return "another text";
  return typeof value === "boolean" ? "a boolean" : "an object";
}
