import { isJsonObject, type JsonObject } from "../../core/json.ts";

/** `metadata.uid` of a document; "" when there is none, which no real API server answers. */
export function uidOf(document: JsonObject): string {
  const uid = metadataOf(document)["uid"];
  return typeof uid === "string" ? uid : "";
}

export function metadataOf(document: JsonObject): JsonObject {
  const metadata = document["metadata"];
  return isJsonObject(metadata) ? metadata : {};
}
