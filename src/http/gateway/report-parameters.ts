import { isTimestamp } from "../../streams/reading/timestamp.ts";
import type { ReportParameter, ReportValues } from "./ports.ts";

export type ReadParameters =
  | { readonly kind: "values"; readonly values: ReportValues }
  | { readonly kind: "fault"; readonly field: string; readonly reason: string };

/** The values of a query string; whatever is missing, no good, given twice or not known is named. */
export function readParameters(
  query: Readonly<Record<string, unknown>>,
  parameters: readonly ReportParameter[],
): ReadParameters {
  const unknown = Object.keys(query).find((name) => !parameters.some((known) => known.name === name));
  if (unknown !== undefined) return fault(unknown, `is not known here; known are ${namesOf(parameters)}`);
  const values: Record<string, string | number> = {};
  for (const parameter of parameters) {
    const { name, otherwise } = parameter;
    const given = query[name];
    if (given === undefined && !isOptional(parameter)) return fault(name, "is wanted");
    const value = given === undefined ? otherwise : valueOf(given, parameter.type);
    if (given === undefined && value === null) continue;
    if (value === null) return fault(name, `has to be ${wanted(parameter.type)}`);
    values[name] = value;
  }
  return { kind: "values", values };
}

export function isOptional({ type, otherwise }: ReportParameter): boolean {
  return otherwise !== null || type.kind === "time";
}

function fault(field: string, what: string): ReadParameters {
  const shown = /^\w{1,64}$/.test(field) ? `the parameter ${field}` : "a parameter";
  return { kind: "fault", field: field.slice(0, 64), reason: `${shown} ${what}` };
}

function namesOf(parameters: readonly ReportParameter[]): string {
  return parameters.map(({ name }) => name).join(", ") || "none";
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const INTEGER = /^-?\d{1,15}$/;
const PERIOD = /^[1-9]\d{0,4}[mhd]$/;
/** What PostgreSQL's text cannot hold. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** Null for what is no good; a parameter that is given twice comes as a list. */
function valueOf(given: unknown, type: ReportParameter["type"]): string | number | null {
  if (typeof given !== "string") return null;
  switch (type.kind) {
    case "uuid":
      return UUID.test(given) ? given.toLowerCase() : null;
    case "period":
      return PERIOD.test(given) ? given : null;
    case "time":
      return isTimestamp(given) ? given : null;
    case "text":
      return isText(given, type.maxLength) ? given : null;
    case "integer":
      return integerOf(given, type.minimum, type.maximum);
  }
}

function isText(given: string, maxLength: number): boolean {
  return given !== "" && given.length <= maxLength && !UNSTORABLE.test(given);
}

function integerOf(given: string, minimum: number, maximum: number): number | null {
  const value = INTEGER.test(given) ? Number(given) : NaN;
  return value >= minimum && value <= maximum ? value : null;
}

function wanted(type: ReportParameter["type"]): string {
  switch (type.kind) {
    case "uuid":
      return "one UUID";
    case "period":
      return "one period: a number and m, h or d, such as 60m or 7d";
    case "time":
      return "one time with its zone, such as 2026-01-31T10:00:00Z (%2B stands for a +)";
    case "text":
      return `one text of 1 to ${type.maxLength} characters`;
    case "integer":
      return `one whole number from ${type.minimum} to ${type.maximum}`;
  }
}
