import { isJsonObject, type JsonObject } from "../../../core/json.ts";
import { metadataOf } from "../../../streams/cluster-info/identity.ts";
import { KINDS } from "../../../streams/cluster-info/kinds.ts";
import { keyOf } from "../store/collection.ts";
import { Fields, wrong } from "./fields.ts";
import { apiVersionOf } from "../show/present.ts";
import type { Store } from "../store/store.ts";
import { Dice } from "../synthetic/dice.ts";
import { finish } from "../synthetic/draft.ts";

/** Which object. */
interface Named {
  readonly resource: string;
  readonly namespace: string | null;
  readonly name: string;
}

/** One change of the cluster. No controller follows: what a deployment owns stays as it is. */
export type Change =
  | {
      readonly kind: "create";
      readonly object: Named;
      readonly labels: JsonObject | null;
      readonly annotations: JsonObject | null;
      /** For secrets and config maps, as plain text. */
      readonly data: Readonly<Record<string, string>> | null;
    }
  | { readonly kind: "delete"; readonly object: Named }
  | { readonly kind: "scale"; readonly object: Named; readonly replicas: number };

const NAMED = ["resource", "namespace", "name"];

/** Reads `{"create": ...}`, `{"delete": ...}` or `{"scale": ...}`. Throws `usage`. */
export function parseChange(value: unknown): Change {
  const change = new Fields(value, "a change", ["create", "delete", "scale"]);
  if (change.has("create")) {
    const fields = new Fields(change.raw("create"), "create", [...NAMED, "labels", "annotations", "data"]);
    const described = { labels: fields.texts("labels"), annotations: fields.texts("annotations") };
    return { kind: "create", object: namedBy(fields), ...described, data: fields.texts("data") };
  }
  if (change.has("delete"))
    return { kind: "delete", object: namedBy(new Fields(change.raw("delete"), "delete", NAMED)) };
  const fields = new Fields(change.raw("scale"), "scale", ["namespace", "name", "replicas"]);
  const object = { resource: "deployments", namespace: fields.text("namespace"), name: fields.text("name") };
  return { kind: "scale", object, replicas: fields.count("replicas") };
}

function namedBy(fields: Fields): Named {
  const resource = fields.text("resource");
  const kind = KINDS.find((ref) => ref.resource === resource);
  if (kind === undefined) throw wrong(`there is no resource "${resource}"; name kinds by their plural`);
  return {
    resource,
    namespace: kind.namespaced ? fields.text("namespace") : null,
    name: fields.text("name"),
  };
}

/** Makes one change. Throws `usage` when the cluster does not allow it. */
export function applyChange(change: Change, store: Store): void {
  switch (change.kind) {
    case "create":
      create(change, store);
      break;
    case "delete":
      existing(change.object, store);
      store.change(change.object.resource, keyOf(change.object), () => null);
      break;
    case "scale":
      scale(change.object, change.replicas, store);
      break;
  }
}

function existing(object: Named, store: Store): JsonObject {
  const found = store.collection(object.resource)?.read(keyOf(object), store.revision) ?? null;
  if (found === null) throw wrong(`${object.resource} "${keyOf(object)}" not found`);
  return found;
}

/** An object like the first of its kind, under another name. */
function create(change: Change & { readonly kind: "create" }, store: Store): void {
  const { resource, namespace, name } = change.object;
  const key = keyOf(change.object);
  const kind = KINDS.find((ref) => ref.resource === resource);
  const collection = store.collection(resource);
  if (kind === undefined || collection === null) throw wrong(`there is no resource "${resource}"`);
  if (collection.read(key, store.revision) !== null) throw wrong(`${resource} "${key}" already exists`);
  const [pattern] = collection.scan({ from: "", to: null }, store.revision);
  if (pattern === undefined) throw wrong(`no object of ${resource} is left to make another one like it`);
  const body = bodyOf(change, pattern.read());
  store.change(resource, key, (revision) => {
    const uid = new Dice(revision).uuid(`created ${resource} ${key}`);
    const draft = {
      apiVersion: apiVersionOf(kind),
      authors: [{ manager: "simulator", at: store.now }],
      body,
    };
    return finish(
      { identity: { namespace, name, uid, created: store.now }, ...described(change), ...draft },
      revision,
    );
  });
}

function described({ labels, annotations }: Change & { readonly kind: "create" }): {
  labels?: JsonObject;
  annotations?: JsonObject;
} {
  return { ...(labels === null ? {} : { labels }), ...(annotations === null ? {} : { annotations }) };
}

function bodyOf({ object, data }: Change & { readonly kind: "create" }, pattern: JsonObject): JsonObject {
  const body = Object.fromEntries(Object.entries(pattern).filter(([field]) => !REPLACED.has(field)));
  if (object.resource !== "secrets" && object.resource !== "configmaps") return body;
  const entries = Object.entries(data ?? {}).map(([name, value]) => {
    return [name, object.resource === "secrets" ? Buffer.from(value).toString("base64") : value] as const;
  });
  return { data: Object.fromEntries(entries), ...body };
}

const REPLACED = new Set(["metadata", "data", "binaryData"]);

function scale(object: Named, replicas: number, store: Store): void {
  const found = existing(object, store);
  store.change(object.resource, keyOf(object), (revision) => {
    const generation = Number(metadataOf(found)["generation"] ?? 1) + 1;
    const counts = {
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
    };
    const spec = isJsonObject(found["spec"]) ? found["spec"] : {};
    const status = { observedGeneration: generation, ...counts };
    return { ...revised(found, revision, { generation }), spec: { ...spec, replicas }, status };
  });
}

/** A copy of an object as of a newer revision. */
export function revised(document: JsonObject, revision: number, metadata: JsonObject = {}): JsonObject {
  return {
    ...document,
    metadata: { ...metadataOf(document), ...metadata, resourceVersion: String(revision) },
  };
}
