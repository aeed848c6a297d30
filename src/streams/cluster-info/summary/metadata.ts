import type { Json, JsonObject } from "../../../core/json.ts";
import { metadataOf } from "../identity.ts";
import { objectOf, textOf } from "./fields.ts";

interface Named {
  readonly [field: string]: Json;
  readonly name: string;
  readonly namespace: string;
  readonly created_time: string | null;
}

/** What the summary of every namespaced object begins with. */
export function namedOf(document: JsonObject): Named {
  const { name, namespace, creationTimestamp } = metadataOf(document);
  return {
    name: textOf(name),
    namespace: textOf(namespace),
    created_time: typeof creationTimestamp === "string" ? creationTimestamp : null,
  };
}

/** What the summary of every object without a namespace begins with. */
export function clusterScopedOf(document: JsonObject): JsonObject {
  const { name, created_time } = namedOf(document);
  return { name, created_time };
}

/** What every summary ends with. */
export function labelledOf(document: JsonObject): JsonObject {
  const { labels, annotations } = metadataOf(document);
  return { labels: objectOf(labels), annotations: objectOf(annotations) };
}
