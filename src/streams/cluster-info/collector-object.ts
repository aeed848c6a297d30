import { hashOf } from "../../core/digest.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { CollectorKind } from "./collector-kinds.ts";
import type { ObjectItem } from "./objects-row.ts";
import { listOf, textOf } from "./summary/fields.ts";

/**
 * One object of a collector's snapshot as it is stored: a document that is its own summary. It has no uid, so
 * it gets one from its place and its time of creation: what was deleted and made anew is another object.
 */
export function collectorItem(object: JsonObject, kind: CollectorKind): ObjectItem {
  const name = textOf(object["name"]);
  const namespace = textOf(object["namespace"]);
  const created_at = textOf(object["created_time"]);
  const document = cleaned(object, kind);
  return {
    uid: `collector:${kind.resource}/${namespace}/${name}@${inUtc(created_at)}`,
    namespace: namespace === "" ? null : namespace,
    name,
    created_at,
    hash: hashOf(document),
    doc: document,
    summary: document,
  };
}

/** The collector writes its own offset, which moves by an hour twice a year; no object may become another by that. */
function inUtc(time: string): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}

/** The object without any value of a ConfigMap or a Secret, with [] and {} where Go writes null. */
function cleaned(object: JsonObject, kind: CollectorKind): JsonObject {
  const fields = Object.entries({ ...object, ...keysOnly(object, kind) })
    .filter(([field]) => !HOLDS_VALUES.has(field) || !HOLDERS.has(kind.kind))
    .map(([field, value]): [string, Json] => [field, filled(field, value, kind)]);
  // fromEntries, because assigning a field named __proto__ would not make it a field
  return Object.fromEntries(fields);
}

const HOLDERS: ReadonlySet<string> = new Set(["ConfigMap", "Secret"]);
const HOLDS_VALUES: ReadonlySet<string> = new Set(["data", "binary_data"]);

/** The names of the keys, for the fields whose values are dropped. */
function keysOnly(object: JsonObject, { kind }: CollectorKind): JsonObject {
  if (!HOLDERS.has(kind)) return {};
  const data_keys = keysIn(object["data"]) ?? object["data_keys"] ?? [];
  if (kind === "Secret") return { data_keys };
  return { data_keys, binary_data_keys: keysIn(object["binary_data"]) ?? object["binary_data_keys"] ?? [] };
}

function keysIn(values: Json | undefined): readonly string[] | null {
  return isJsonObject(values) ? Object.keys(values).sort() : null;
}

const MAPS: ReadonlySet<string> = new Set(["labels", "annotations", "selector"]);

function filled(field: string, value: Json, kind: CollectorKind): Json {
  if (field === "annotations" && isJsonObject(value)) return withoutLastApplied(value);
  if (value === null && MAPS.has(field)) return {};
  if (value === null && kind.lists.includes(field)) return [];
  if (field === "tls") return listOf(value).map(withHosts);
  return value;
}

/** kubectl keeps the whole manifest there, a Secret's values included. */
function withoutLastApplied(annotations: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(annotations).filter(([name]) => !name.endsWith("last-applied-configuration")),
  );
}

function withHosts(entry: Json): Json {
  return isJsonObject(entry) && entry["hosts"] === null ? { ...entry, hosts: [] } : entry;
}
