import { addDigests, digestTerm, hashOf } from "../../core/digest.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { hasAtMost, MAX_UID_BYTES } from "./limits.ts";
import type { ObjectsMessage } from "./messages.ts";
import { rejected, type Rejected } from "../reading/rejected.ts";
import { summaryOf } from "./summary/summary-of.ts";
import { isTimestamp } from "../reading/timestamp.ts";
import { unpackItems } from "./unpack-items.ts";

/** An object as `clusterflow.staged_objects` takes it. */
export interface ObjectItem {
  readonly [column: string]: Json;
  readonly uid: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly created_at: string | null;
  readonly hash: string;
}

/** An `objects` message as its row, or what is wrong with the first object that cannot be stored. */
export function objectsRow(
  message: ObjectsMessage,
): { readonly kind: "row"; readonly row: JsonObject; readonly bytes: number } | Rejected {
  const listed = unpackItems(message);
  if (listed.kind === "rejected") return listed;
  const items: ObjectItem[] = [];
  for (const [index, document] of listed.items.entries()) {
    const item = itemOf(document, message);
    if (typeof item === "string") return rejected(`the field items[${index}]${item}`);
    items.push(item);
  }
  const { snapshot, part, cluster, group, version, resource, kind } = message;
  const named = { snapshot: snapshot.toLowerCase(), part, cluster, group, version, resource, kind };
  const row = { op: "objects", ...named, digest: String(digestOf(items)), items };
  return { kind: "row", row, bytes: listed.bytes };
}

/** Over the hashes computed here, not over any that came along: that is what makes it a check of the manifest. */
export function digestOf(items: readonly ObjectItem[]): bigint {
  return items.map((item) => digestTerm(item.uid, item.hash)).reduce(addDigests, 0n);
}

/** The item, or what is wrong with it as the end of a sentence that begins with its place in the message. */
function itemOf(document: Json, kind: Pick<ObjectsMessage, "group" | "resource">): ObjectItem | string {
  if (!isJsonObject(document)) return " is not an object";
  const identity = identityOf(document["metadata"]);
  if (typeof identity === "string") return `.metadata${identity}`;
  // the spread comes last for speed, see summary/metadata.ts
  return { hash: hashOf(document), doc: document, summary: summaryOf(kind, document), ...identity };
}

type Identity = Pick<ObjectItem, "uid" | "namespace" | "name" | "created_at">;

function identityOf(metadata: Json | undefined): Identity | string {
  if (!isJsonObject(metadata)) return " is missing or not an object";
  const { uid, name, namespace = null, creationTimestamp = null } = metadata;
  if (!isNonEmpty(uid)) return ".uid is missing or not a text";
  if (!hasAtMost(MAX_UID_BYTES, uid)) return `.uid has more than ${MAX_UID_BYTES} bytes`;
  if (!isNonEmpty(name)) return ".name is missing or not a text";
  if (!isTextOrNull(namespace)) return ".namespace is not a text";
  if (!isTimeOrNull(creationTimestamp))
    return ".creationTimestamp is not a time such as 2026-01-31T10:00:00Z";
  return { uid, namespace: namespace === "" ? null : namespace, name, created_at: creationTimestamp };
}

function isNonEmpty(value: Json | undefined): value is string {
  return typeof value === "string" && value !== "";
}

function isTextOrNull(value: Json): value is string | null {
  return value === null || typeof value === "string";
}

function isTimeOrNull(value: Json): value is string | null {
  return value === null || (typeof value === "string" && isTimestamp(value));
}
