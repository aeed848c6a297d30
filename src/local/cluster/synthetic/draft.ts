import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";
import { isoTime } from "./clock.ts";
import type { Identity } from "./layout.ts";
import { fieldsOf } from "./managed-fields.ts";

/** Who wrote a part of an object, as `managedFields` records it. */
export interface Author {
  readonly manager: string;
  /** Seconds relative to the cluster's present. */
  readonly at: number;
  /** The status was written through its own path, and is owned apart. */
  readonly subresource?: "status";
}

/** An object before the API server has put its own fields on it. */
export interface Draft {
  readonly identity: Identity;
  readonly apiVersion: string;
  readonly generateName?: string;
  readonly generation?: number;
  readonly labels?: JsonObject;
  readonly annotations?: JsonObject;
  readonly owner?: { readonly apiVersion: string; readonly kind: string; readonly identity: Identity };
  readonly finalizers?: readonly string[];
  readonly authors: readonly Author[];
  /** Everything beside the metadata: spec, status, data and so on. */
  readonly body: JsonObject;
}

/** The object as a list holds it, without `kind` and `apiVersion`; keys in the order of a real server. */
export function finish(draft: Draft, resourceVersion: number): JsonObject {
  const { identity, owner } = draft;
  const described = {
    ...(draft.generateName === undefined ? {} : { generateName: draft.generateName }),
    ...(draft.labels === undefined ? {} : { labels: draft.labels }),
    ...(draft.annotations === undefined ? {} : { annotations: draft.annotations }),
    ...(owner === undefined ? {} : { ownerReferences: [reference(owner)] }),
    ...(draft.finalizers === undefined ? {} : { finalizers: draft.finalizers }),
  };
  const { generateName, ...rest } = described;
  const metadata: Record<string, Json> = {
    name: identity.name,
    ...(generateName === undefined ? {} : { generateName }),
    ...(identity.namespace === null ? {} : { namespace: identity.namespace }),
    uid: identity.uid,
    resourceVersion: String(resourceVersion),
    ...(draft.generation === undefined ? {} : { generation: draft.generation }),
    creationTimestamp: isoTime(identity.created),
    ...rest,
    managedFields: draft.authors.map((author) => managed(draft, author, described)),
  };
  return { metadata, ...draft.body };
}

function reference({ apiVersion, kind, identity }: NonNullable<Draft["owner"]>): JsonObject {
  const { name, uid } = identity;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

function managed(draft: Draft, author: Author, described: JsonObject): JsonObject {
  const { status, ...body } = draft.body;
  const isStatus = author.subresource === "status";
  const metadata = Object.keys(described).length === 0 ? {} : { metadata: described };
  const fields = isStatus ? { status: isJsonObject(status) ? status : {} } : { ...metadata, ...body };
  return {
    manager: author.manager,
    operation: "Update",
    apiVersion: draft.apiVersion,
    time: isoTime(author.at),
    fieldsType: "FieldsV1",
    fieldsV1: fieldsOf(fields),
    ...(isStatus ? { subresource: "status" } : {}),
  };
}
