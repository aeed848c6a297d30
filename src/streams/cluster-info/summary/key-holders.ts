import type { Json, JsonObject } from "../../../core/json.ts";
import { textOf, textsOf } from "./fields.ts";
import { labelledOf, namedOf } from "./metadata.ts";

/*
 * ConfigMaps and Secrets arrive without their values: the document has the names of the keys instead, or null
 * where not even those could be read.
 */

export function configMapSummary(document: JsonObject): JsonObject {
  return {
    ...namedOf(document),
    data_keys: keysOf(document["dataKeys"]),
    binary_data_keys: textsOf(document["binaryDataKeys"]),
    ...labelledOf(document),
  };
}

export function secretSummary(document: JsonObject): JsonObject {
  return {
    ...namedOf(document),
    type: textOf(document["type"]),
    data_keys: keysOf(document["dataKeys"]),
    ...labelledOf(document),
  };
}

/** null, not an empty list, where the keys are unknown. */
function keysOf(keys: Json | undefined): readonly string[] | null {
  return Array.isArray(keys) ? textsOf(keys) : null;
}
