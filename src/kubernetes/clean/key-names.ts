import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { metadataOf } from "../../streams/cluster-info/identity.ts";
import type { KindRef } from "../../streams/cluster-info/kinds.ts";
import { cleanedMetadata } from "./annotations.ts";
import { typeOf } from "./redact.ts";

/** Kinds whose values nobody asks for. */
const VALUE_KINDS: ReadonlySet<string> = new Set(["Secret", "ConfigMap"]);

export function isValueKind(kind: KindRef): boolean {
  return kind.group === "" && VALUE_KINDS.has(kind.kind);
}

/** What a list says of one Secret or ConfigMap besides its metadata. */
export interface Cells {
  /** A Secret's type; null where the form of the list leaves it out. */
  readonly type: string | null;
  /** How many keys there are; null where the form of the list leaves it out. */
  readonly dataCount: number | null;
}

/**
 * A Secret or ConfigMap without its values: `dataKeys` and, of a ConfigMap, `binaryDataKeys` are the names of
 * its keys, null when they cannot be known; `dataCount` is how many keys there are.
 */
export function keyNamesDocument(item: JsonObject, kind: KindRef, cells: Cells): JsonObject {
  const names = namesInFull(item) ?? namesInManagedFields(metadataOf(item), cells.dataCount);
  const { data = null, binaryData = null } = names ?? {};
  const known = names === null ? null : names.data.length + names.binaryData.length;
  const own =
    kind.kind === "Secret"
      ? { type: textOf(item["type"]) ?? cells.type, dataKeys: data }
      : { dataKeys: data, binaryDataKeys: binaryData };
  return {
    ...typeOf(kind),
    metadata: cleanedMetadata(metadataOf(item)),
    ...own,
    dataCount: cells.dataCount ?? known,
  };
}

interface Names {
  readonly data: readonly string[];
  readonly binaryData: readonly string[];
}

/** A server that sends whole objects although metadata was asked for: the values are dropped here. */
function namesInFull(item: JsonObject): Names | null {
  const { data, binaryData } = item;
  if (!isJsonObject(data) && !isJsonObject(binaryData)) return null;
  return { data: sortedKeys(data), binaryData: sortedKeys(binaryData) };
}

/**
 * The server notes who set which key, as `{"f:data": {".": {}, "f:password": {}}}`. It knows nothing of keys
 * that were set before it began to, or whose notes somebody cleared: unless as many names are found as there
 * are keys, none can be trusted to be all of them.
 */
function namesInManagedFields(metadata: JsonObject, dataCount: number | null): Names | null {
  const { managedFields } = metadata;
  const entries = Array.isArray(managedFields) ? managedFields.filter(isJsonObject) : [];
  const names = { data: managedKeys(entries, "f:data"), binaryData: managedKeys(entries, "f:binaryData") };
  const found = names.data.length + names.binaryData.length;
  if (dataCount === null) return found === 0 ? null : names;
  return found === dataCount ? names : null;
}

function managedKeys(entries: readonly JsonObject[], field: string): readonly string[] {
  const names = new Set<string>();
  for (const { fieldsV1 } of entries) {
    const noted = isJsonObject(fieldsV1) ? fieldsV1[field] : null;
    if (!isJsonObject(noted)) continue;
    for (const key of Object.keys(noted)) if (key.startsWith("f:")) names.add(key.slice(2));
  }
  return [...names].sort();
}

function sortedKeys(value: Json | undefined): readonly string[] {
  return isJsonObject(value) ? Object.keys(value).sort() : [];
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}
