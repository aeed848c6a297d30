import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { mayBeRounded, parseExact } from "../../core/exact-json.ts";
import { parseJson } from "../reading/parse-json.ts";

/** What a message says of one row. `fields` are the columns' schemas, where the connector sends them. */
export type Change =
  | { readonly kind: "row"; readonly row: JsonObject; readonly fields: Fields }
  | { readonly kind: "delete"; readonly key: JsonObject; readonly fields: Fields }
  | { readonly kind: "truncate" };

export type Envelope = Change | { readonly kind: "rejected"; readonly reason: string };

/** The schema of a column in Kafka Connect's words. */
export interface Field {
  readonly name: string | null;
  readonly scale: number | null;
}
export type Fields = ReadonlyMap<Json | undefined, Field>;

const NO_FIELDS: Fields = new Map();

/**
 * A change as Debezium sends it, with its schema or without. `key` is the record's own: what stands for the other columns
 * in the `before` of a delete is made up. A key that changes comes as a delete and a create.
 */
export function readEnvelope(key: Buffer | null, value: Buffer): Envelope {
  const read = readPart(value);
  if (read.kind === "rejected") return rejected(`the value ${read.reason}`);
  const { payload, schema } = read;
  const { op, after } = payload;
  if (op === undefined) return rejected("the field op is missing: this is no change in Debezium's envelope");
  if (op === "t") return { kind: "truncate" };
  if (op === "d") return readDelete(key, payload, schema);
  if (op !== "c" && op !== "u" && op !== "r") return rejected("the field op is not one of c, u, r, d, t");
  if (!isJsonObject(after)) return rejected("a row was written, but the field after is no object");
  return { kind: "row", row: after, fields: fieldsOf(memberOf(schema, "after")) };
}

function readDelete(key: Buffer | null, payload: JsonObject, schema: Json | undefined): Envelope {
  if (key !== null) {
    const read = readPart(key);
    if (read.kind === "rejected") return rejected(`a row was deleted, but the key ${read.reason}`);
    return { kind: "delete", key: read.payload, fields: fieldsOf(read.schema) };
  }
  if (!isJsonObject(payload["before"]))
    return rejected("a row was deleted, but neither the key nor the field before says which");
  return { kind: "delete", key: payload["before"], fields: fieldsOf(memberOf(schema, "before")) };
}

type Part =
  | { readonly kind: "part"; readonly payload: JsonObject; readonly schema: Json | undefined }
  | { readonly kind: "rejected"; readonly reason: string };

function readPart(bytes: Buffer): Part {
  const parsed = parseJson(bytes);
  if (parsed.kind === "rejected") return parsed;
  const value = isRounded(parsed.value) ? exactly(bytes.toString("utf8")) : parsed.value;
  if (!isJsonObject(value)) return { kind: "rejected", reason: "is JSON, but not an object" };
  const { schema, payload } = value;
  if (!isJsonObject(schema) || payload === undefined || schema["type"] === undefined)
    return { kind: "part", payload: value, schema: undefined };
  return isJsonObject(payload)
    ? { kind: "part", payload, schema }
    : { kind: "rejected", reason: "has a schema, but no payload that is an object" };
}

/** Times in nanoseconds are in each message and are not looked at: only what the columns say has to be exact. */
function isRounded(value: Json): boolean {
  if (!isJsonObject(value)) return false;
  const envelope = isJsonObject(value["payload"]) ? value["payload"] : value;
  return [envelope, envelope["after"], envelope["before"]].some(
    (row) =>
      isJsonObject(row) && Object.entries(row).some(([name, one]) => !name.startsWith("ts_") && isLong(one)),
  );
}

function isLong(value: Json): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return Array.isArray(value) && (value as readonly Json[]).some(isLong);
}

/** The numbers of many digits are `ExactNumber`s, which are no JSON of their own. */
function exactly(text: string): Json {
  return (mayBeRounded(text) ? parseExact(text) : JSON.parse(text)) as Json;
}

function memberOf(schema: Json | undefined, name: string): Json | undefined {
  const fields = isJsonObject(schema) ? schema["fields"] : undefined;
  return Array.isArray(fields)
    ? (fields as readonly Json[]).find((field) => isJsonObject(field) && field["field"] === name)
    : undefined;
}

function fieldsOf(schema: Json | undefined): Fields {
  const fields = isJsonObject(schema) ? schema["fields"] : undefined;
  if (!Array.isArray(fields)) return NO_FIELDS;
  const known = (fields as readonly Json[]).filter(isJsonObject);
  return new Map(known.map((field) => [field["field"], fieldOf(field)]));
}

function fieldOf({ name, parameters }: JsonObject): Field {
  const scale = isJsonObject(parameters) ? Number(parameters["scale"]) : NaN;
  return { name: typeof name === "string" ? name : null, scale: Number.isInteger(scale) ? scale : null };
}

function rejected(reason: string): Envelope {
  return { kind: "rejected", reason };
}
