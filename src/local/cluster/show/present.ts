import type { JsonObject } from "../../../core/json.ts";
import type { KindRef } from "../../../streams/cluster-info/kinds.ts";

/** Only the metadata, under a name of its own. */
export function partial(document: JsonObject): JsonObject {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: document["metadata"] ?? {},
  };
}

/** Objects of a list do not say what they are; one by itself does. */
export function typed(document: JsonObject, kind: KindRef): JsonObject {
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...document };
}

export function apiVersionOf({ group, version }: Pick<KindRef, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}
