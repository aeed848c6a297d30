import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { isTimestamp } from "../reading/timestamp.ts";
import type { FieldFault } from "./event.ts";
import { DIMENSIONS, MEASURES, type Dimension } from "./query-terms.ts";
import type { Called } from "./report-call.ts";

const MAX_ROWS = 1000;
const USUAL_ROWS = 100;
const MAX_VALUES = 100;
const INTEGER = /^-?\d{1,9}$/;

/** Left joins on primary keys: PostgreSQL leaves out those that a query does not ask for. */
const FROM = `FROM quiz_reports.judged_answers a
  LEFT JOIN public.students student ON student.student_id = a.student_id
  LEFT JOIN public.classrooms classroom ON classroom.classroom_id = a.classroom_id
  LEFT JOIN public.quizzes quiz ON quiz.quiz_id = a.quiz_id`;

class Fault extends Error {
  readonly fault: FieldFault;
  constructor(field: string, reason: string) {
    super(reason);
    this.fault = { field, reason };
  }
}

/**
 * The one statement of a query over the answers. What a client writes either names a term of a closed list, or is
 * bound; nothing of it is ever pasted. Each row of its answer has one column, `row`.
 */
export function callQuery(asked: Json): Called {
  try {
    if (!isJsonObject(asked)) throw new Fault("query", "is not an object");
    return { kind: "statement", ...build(asked) };
  } catch (error) {
    if (error instanceof Fault) return { kind: "fault", ...error.fault };
    throw error;
  }
}

function build(asked: JsonObject): { readonly text: string; readonly parameters: readonly string[] } {
  const measures = names(asked, "measures", MEASURES);
  const dimensions = names(asked, "dimensions", DIMENSIONS);
  if (measures.length === 0) throw new Fault("measures", "is empty");
  const parameters: string[] = [];
  const bind = (value: string, type: string): string => `$${parameters.push(value)}::text::${type}`;
  const conditions = ["a.is_first", ...filters(asked, bind), ...timeRange(asked, bind)];
  const columns = [
    ...dimensions.map((name) => `${DIMENSIONS[name]?.sql ?? ""} AS ${name}`),
    ...measures.map((name) => `${MEASURES[name]?.sql ?? ""} AS ${name}`),
  ];
  const groups = dimensions.map((_, index) => index + 1).join(", ");
  const order = orderBy(asked, [...dimensions, ...measures]);
  const text = `SELECT to_jsonb(r) AS row FROM (
SELECT ${columns.join(",\n       ")}
${FROM}
 WHERE ${conditions.join("\n   AND ")}${groups === "" ? "" : `\n GROUP BY ${groups}`}${order}
 LIMIT ${bind(String(limit(asked)), "integer")}) r`;
  return { text, parameters };
}

function names(
  asked: JsonObject,
  field: string,
  known: Readonly<Record<string, unknown>>,
): readonly string[] {
  const list = asked[field] ?? [];
  if (!Array.isArray(list)) throw new Fault(field, "is not a list");
  const given = (list as readonly Json[]).map((name) => {
    if (typeof name === "string" && Object.hasOwn(known, name)) return name;
    throw new Fault(field, `holds a name that is not one of ${Object.keys(known).join(", ")}`);
  });
  if (new Set(given).size < given.length) throw new Fault(field, "names something twice");
  return given;
}

type Bind = (value: string, type: string) => string;

function filters(asked: JsonObject, bind: Bind): readonly string[] {
  const given = asked["filters"] ?? {};
  if (!isJsonObject(given)) throw new Fault("filters", "is not an object");
  return Object.entries(given).map(([name, value]) => {
    const dimension = Object.hasOwn(DIMENSIONS, name) ? DIMENSIONS[name] : undefined;
    if (dimension === undefined)
      throw new Fault("filters", `names something that is not one of ${Object.keys(DIMENSIONS).join(", ")}`);
    return filter(`filters.${name}`, dimension, { value, bind });
  });
}

function filter(
  field: string,
  { sql, type }: Dimension,
  { value, bind }: { readonly value: Json; readonly bind: Bind },
): string {
  if (value === null) return `${sql} IS NULL`;
  const values = Array.isArray(value) ? (value as readonly Json[]) : [value];
  if (values.length === 0 || values.length > MAX_VALUES)
    throw new Fault(field, `holds no value, or more than ${MAX_VALUES}`);
  return `${sql} IN (${values.map((one) => bind(fit(field, type, one), type)).join(", ")})`;
}

function fit(field: string, type: Dimension["type"], value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const isFit = {
    text: typeof value === "string" && !value.includes("\0"),
    boolean: typeof value === "boolean",
    integer: typeof value === "number" && INTEGER.test(text),
    timestamptz: typeof value === "string" && isTimestamp(value),
  }[type];
  if (isFit) return text;
  throw new Fault(field, `is not a value of type ${type}`);
}

function timeRange(asked: JsonObject, bind: Bind): readonly string[] {
  const given = asked["time_range"] ?? {};
  if (!isJsonObject(given)) throw new Fault("time_range", "is not an object");
  return [["start", ">="] as const, ["end", "<"] as const].flatMap(([name, operator]) => {
    const value = given[name] ?? null;
    if (value === null) return [];
    return [
      `a.submitted_at ${operator} ${bind(fit(`time_range.${name}`, "timestamptz", value), "timestamptz")}`,
    ];
  });
}

function limit(asked: JsonObject): number {
  const value = asked["limit"] ?? USUAL_ROWS;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_ROWS) return value;
  throw new Fault("limit", `is not a whole number from 1 to ${MAX_ROWS}`);
}

/** By what the answer has: its columns by number, so that not even their names are needed. */
function orderBy(asked: JsonObject, columns: readonly string[]): string {
  const list = asked["order_by"] ?? [];
  if (!Array.isArray(list)) throw new Fault("order_by", "is not a list");
  const terms = (list as readonly Json[]).map((term) => {
    const { field, order = "asc" } = isJsonObject(term) ? term : {};
    const place = columns.findIndex((name) => name === field) + 1;
    if (place === 0)
      throw new Fault("order_by", "names a field that is neither a measure nor a dimension of the query");
    if (order !== "asc" && order !== "desc")
      throw new Fault("order_by", "has an order that is neither asc nor desc");
    return `${place} ${order === "asc" ? "ASC" : "DESC"} NULLS LAST`;
  });
  return terms.length === 0 ? "" : `\n ORDER BY ${terms.join(", ")}`;
}
