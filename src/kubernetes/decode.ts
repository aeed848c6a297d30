import { isJsonList, isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { metadataOf, uidOf } from "../streams/cluster-info/identity.ts";
import type { KindRef } from "../streams/cluster-info/kinds.ts";
import { type Cells, isValueKind, keyNamesDocument } from "./clean/key-names.ts";
import { cleanedDocument } from "./clean/redact.ts";

/** One page of a list, as far as anybody may see it. */
export interface Page {
  readonly documents: readonly JsonObject[];
  /** resourceVersion of the list; null when the server gives none. */
  readonly revision: string | null;
  /** Token of the next page; null on the last. The only thing that says whether there is one. */
  readonly continueToken: string | null;
  /** Items that cannot be told from one another, having no uid; not among the documents. */
  readonly withoutUid: number;
}

/** How Secrets and ConfigMaps are asked for: a table, or bare metadata. Never as they are. */
const WITHOUT_VALUES =
  "application/json;as=Table;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** `Accept` header for a list of this kind. */
export function acceptOf(kind: KindRef): string {
  return isValueKind(kind) ? WITHOUT_VALUES : "application/json";
}

/** Query that goes with it: rows of a table bring their object's metadata, which holds the uid. */
export function queryOf(kind: KindRef): Readonly<Record<string, string>> {
  return isValueKind(kind) ? { includeObject: "Metadata" } : {};
}

/** The cleaned documents of a list, whatever form of list the server chose; null when it is none. */
export function decodePage(body: JsonObject, kind: KindRef): Page | null {
  const documents = body["kind"] === "Table" ? tableDocuments(body, kind) : listDocuments(body, kind);
  if (documents === null) return null;
  const identified = documents.flatMap((document) =>
    document === null || uidOf(document) === "" ? [] : [document],
  );
  const metadata = metadataOf(body);
  return {
    documents: identified,
    revision: nonEmpty(metadata["resourceVersion"]),
    continueToken: nonEmpty(metadata["continue"]),
    withoutUid: documents.length - identified.length,
  };
}

function listDocuments(body: JsonObject, kind: KindRef): readonly (JsonObject | null)[] | null {
  const { items } = body;
  // an empty list may be written as null
  if (items === null) return [];
  if (!isJsonList(items)) return null;
  const decode = isValueKind(kind) ? withoutValues : cleanedDocument;
  return items.map((item) => (isJsonObject(item) ? decode(item, kind) : null));
}

function withoutValues(item: JsonObject, kind: KindRef): JsonObject {
  return keyNamesDocument(item, kind, { type: null, dataCount: null });
}

function tableDocuments(body: JsonObject, kind: KindRef): readonly (JsonObject | null)[] | null {
  const rows = body["rows"] ?? [];
  if (!isJsonList(rows)) return null;
  const columns = columnNames(body, kind);
  return rows.map((row) => {
    const item = isJsonObject(row) ? row["object"] : null;
    if (!isJsonObject(row) || !isJsonObject(item)) return null;
    return isValueKind(kind)
      ? keyNamesDocument(item, kind, cellsOf(row, columns))
      : cleanedDocument(item, kind);
  });
}

function cellsOf(row: JsonObject, columns: readonly string[]): Cells {
  const cells = isJsonList(row["cells"]) ? row["cells"] : [];
  const type = cells[columns.indexOf("Type")];
  const count = cells[columns.indexOf("Data")];
  return {
    type: typeof type === "string" ? type : null,
    dataCount: typeof count === "number" ? count : null,
  };
}

/** Definitions may be left out after the first page; the order has been the same since tables exist. */
function columnNames(body: JsonObject, kind: KindRef): readonly string[] {
  const definitions = body["columnDefinitions"];
  const usual = kind.kind === "Secret" ? ["Name", "Type", "Data", "Age"] : ["Name", "Data", "Age"];
  if (!isJsonList(definitions) || definitions.length === 0) return usual;
  return definitions.map(
    (definition) => (isJsonObject(definition) ? nonEmpty(definition["name"]) : null) ?? "",
  );
}

function nonEmpty(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
