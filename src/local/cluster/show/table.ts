import type { Json, JsonObject } from "../../../core/json.ts";
import type { KindRef } from "../../../streams/cluster-info/kinds.ts";
import { partial, typed } from "./present.ts";
import { TABLES, type Column } from "./table-columns.ts";

/** What a row carries besides its cells. */
export type IncludeObject = "None" | "Metadata" | "Object";

/** The parameter as given; a row carries the metadata when nothing is said. Null is not one of the three. */
export function parseIncludeObject(text: string | null): IncludeObject | null {
  if (text === null || text === "") return "Metadata";
  return text === "None" || text === "Metadata" || text === "Object" ? text : null;
}

export function columnsOf(resource: string): readonly JsonObject[] {
  return columns(resource).map(({ name, type, priority, description }) => ({
    name,
    type,
    format: name === "Name" ? "name" : "",
    description,
    priority,
  }));
}

interface RowOptions {
  readonly kind: KindRef;
  readonly includeObject: IncludeObject;
  /** Seconds since the cluster was generated; ages are counted from there. */
  readonly now: number;
}

export function rowOf(document: JsonObject, { kind, includeObject, now }: RowOptions): JsonObject {
  const cells = columns(kind.resource).map(({ cell }) => cell(document, now));
  return { cells, object: objectOf(document, kind, includeObject) };
}

function objectOf(document: JsonObject, kind: KindRef, includeObject: IncludeObject): Json {
  switch (includeObject) {
    case "None":
      return null;
    case "Metadata":
      return partial(document);
    case "Object":
      return typed(document, kind);
  }
}

function columns(resource: string): readonly Column[] {
  return TABLES[resource] ?? [];
}
