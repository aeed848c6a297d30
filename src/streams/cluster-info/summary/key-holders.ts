import type { Json, JsonObject } from "../../../core/json.ts";
import { textOf, textsOf, wholeOf } from "./fields.ts";
import { labelledOf, namedOf } from "./metadata.ts";

/*
 * ConfigMaps and Secrets arrive without their values: the document has the names of the keys instead, or null
 * where not even those could be read.
 */

export function configMapSummary(document: JsonObject): JsonObject {
  return {
    data_keys: keysOf(document["dataKeys"]),
    binary_data_keys: keysOf(document["binaryDataKeys"]),
    data_count: countOf(document),
    ...namedOf(document),
    ...labelledOf(document),
  };
}

export function secretSummary(document: JsonObject): JsonObject {
  return {
    type: textOf(document["type"]),
    data_keys: keysOf(document["dataKeys"]),
    data_count: countOf(document),
    ...namedOf(document),
    ...labelledOf(document),
  };
}

/** null, not an empty list, where the keys are unknown. */
function keysOf(keys: Json | undefined): readonly string[] | null {
  return Array.isArray(keys) ? textsOf(keys) : null;
}

/** How many keys there are, which the server tells more often than their names; null where it does not. */
function countOf(document: JsonObject): number | null {
  return typeof document["dataCount"] === "number" ? wholeOf(document["dataCount"]) : null;
}
