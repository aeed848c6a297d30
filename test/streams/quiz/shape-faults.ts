import { isJsonObject, type Json } from "../../../src/core/json.ts";
import type { Shape } from "../../../src/streams/quiz/report-define.ts";

/** Where an answer is not what its description says. */
export function faultsOf(value: Json | undefined, shape: Shape[string], path: string): string[] {
  if (typeof shape === "string") return scalarFaults(value, shape, path);
  if (Array.isArray(shape)) {
    const [row] = shape as readonly [Shape];
    if (!Array.isArray(value)) return [`${path} is no list`];
    return (value as readonly Json[]).flatMap((member) => faultsOf(member, row, `${path}[]`));
  }
  if (!isJsonObject(value)) return [`${path} is no object`];
  const unknown = Object.keys(value).filter((key) => !(key in shape));
  const members = Object.entries(shape as Shape);
  return [
    ...unknown.map((key) => `${path}.${key} is not described`),
    ...members.flatMap(([key, member]) => faultsOf(value[key], member, `${path}.${key}`)),
  ];
}

function scalarFaults(value: Json | undefined, type: string, path: string): string[] {
  if (value === null && type.endsWith("?")) return [];
  const isRight = IS[type.replace("?", "")]?.(value) === true;
  return isRight ? [] : [`${path} is no ${type}: ${JSON.stringify(value)}`];
}

const IS: Readonly<Record<string, (value: Json | undefined) => boolean>> = {
  text: (value) => typeof value === "string",
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  time: (value) => typeof value === "string" && value.includes("T") && !Number.isNaN(Date.parse(value)),
  date: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value),
};
