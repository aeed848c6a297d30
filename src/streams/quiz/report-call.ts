import { isTimestamp } from "../reading/timestamp.ts";
import type { FieldFault } from "./event.ts";
import { readField } from "./fields.ts";
import type { ParameterType, Report } from "./report-define.ts";

/** A statement with its parameters: values are bound, never part of the text. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly (string | null)[];
}

export type Called = ({ readonly kind: "statement" } & Statement) | ({ readonly kind: "fault" } & FieldFault);

const MAX_PAGE_SIZE = 1000;
const MAX_PAGE = 1_000_000;
const RANGE = /^[1-9]\d{0,4}[mhd]$/;

/** The call of a report with what a client asked for; its one row has one column, `report`. */
export function callReport(report: Report, asked: Readonly<Record<string, string | undefined>>): Called {
  const parameters: (string | null)[] = [];
  for (const { name, type, default: usual } of report.parameters) {
    const value = asked[name] ?? usual;
    if (value === null && type !== "time") return { kind: "fault", field: name, reason: "is missing" };
    const reason = value === null ? null : faultOf(type, value);
    if (reason !== null) return { kind: "fault", field: name, reason };
    parameters.push(type === "id" && value !== null ? sameId(value) : value);
  }
  const values = report.parameters.map(({ name, type }, index) => `p_${name} => ${CASTS[type](index + 1)}`);
  const text = `SELECT quiz_reports.${report.name.replaceAll("-", "_")}(${values.join(", ")}) AS report`;
  return { kind: "statement", text, parameters };
}

const CASTS: Readonly<Record<ParameterType, (place: number) => string>> = {
  id: (place) => `$${place}::text`,
  range: (place) => `$${place}::text::interval`,
  page: (place) => `$${place}::text::integer`,
  page_size: (place) => `$${place}::text::integer`,
  time: (place) => `coalesce($${place}::text::timestamptz, now())`,
};

function faultOf(type: ParameterType, value: string): string | null {
  switch (type) {
    case "id":
      return idFault(value);
    case "range":
      return RANGE.test(value) ? null : "is not a number of minutes, hours or days such as 60m, 24h or 7d";
    case "page":
      return isBetween(value, MAX_PAGE) ? null : `is not a whole number from 1 to ${MAX_PAGE}`;
    case "page_size":
      return isBetween(value, MAX_PAGE_SIZE) ? null : `is not a whole number from 1 to ${MAX_PAGE_SIZE}`;
    case "time":
      return isTimestamp(value) ? null : "is not a time with its zone such as 2026-01-31T10:00:00Z";
  }
}

function idFault(value: string): string | null {
  if (value === "") return "is empty";
  if (value.includes("\0")) return "holds a NUL";
  const read = readField("id", value);
  return "reason" in read ? read.reason : null;
}

function sameId(value: string): string {
  const read = readField("id", value);
  return "value" in read ? String(read.value) : value;
}

function isBetween(value: string, most: number): boolean {
  return /^[1-9]\d{0,6}$/.test(value) && Number(value) <= most;
}
