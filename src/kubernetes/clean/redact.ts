import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { metadataOf } from "../../streams/cluster-info/identity.ts";
import type { KindRef } from "../../streams/cluster-info/kinds.ts";
import { cleanedMetadata } from "./annotations.ts";
import { without } from "./without.ts";

/**
 * One object as a snapshot holds it: without what the server's bookkeeping changes by itself (managed fields,
 * heartbeats, versions) and without values that are nobody's business (copies in annotations, literal
 * environment variables). The rest stays as the server wrote it. Lists omit `apiVersion` and `kind` on their
 * items; here they stand first.
 */
export function cleanedDocument(item: JsonObject, kind: KindRef): JsonObject {
  const { spec, status } = item;
  return {
    ...typeOf(kind),
    metadata: cleanedMetadata(metadataOf(item)),
    ...(spec !== undefined && { spec: cleanedSpec(spec, kind) }),
    ...(status !== undefined && { status: cleanedStatus(status, kind) }),
    ...without(item, REWRITTEN),
  };
}
const REWRITTEN = new Set(["apiVersion", "kind", "metadata", "spec", "status"]);

export function typeOf(kind: KindRef): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}`, kind: kind.kind };
}

function cleanedSpec(spec: Json, kind: KindRef): Json {
  if (!isJsonObject(spec)) return spec;
  if (kind.kind === "Pod") return cleanedPodSpec(spec);
  const { template, jobTemplate, volumeClaimTemplates, ...rest } = spec;
  return {
    ...rest,
    ...(template !== undefined && { template: cleanedTemplate(template) }),
    ...(jobTemplate !== undefined && { jobTemplate: cleanedJobTemplate(jobTemplate, kind) }),
    ...(volumeClaimTemplates !== undefined && {
      volumeClaimTemplates: mapped(volumeClaimTemplates, withCleanMetadata),
    }),
  };
}

/** A pod template, as in Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs. */
function cleanedTemplate(template: Json): Json {
  if (!isJsonObject(template)) return template;
  const { spec } = template;
  const clean = withCleanMetadata(template);
  return isJsonObject(spec) ? { ...clean, spec: cleanedPodSpec(spec) } : clean;
}

/** A CronJob's: metadata, and a Job's spec. */
function cleanedJobTemplate(template: Json, kind: KindRef): Json {
  if (!isJsonObject(template)) return template;
  const clean = withCleanMetadata(template);
  return template["spec"] === undefined ? clean : { ...clean, spec: cleanedSpec(template["spec"], kind) };
}

function withCleanMetadata(part: JsonObject): JsonObject {
  return isJsonObject(part["metadata"]) ? { ...part, metadata: cleanedMetadata(part["metadata"]) } : part;
}

const CONTAINER_LISTS = ["initContainers", "containers", "ephemeralContainers"] as const;

function cleanedPodSpec(spec: JsonObject): JsonObject {
  const lists = CONTAINER_LISTS.filter((name) => spec[name] !== undefined);
  return {
    ...spec,
    ...Object.fromEntries(lists.map((name) => [name, mapped(spec[name] ?? null, cleanedContainer)])),
  };
}

function cleanedContainer(container: JsonObject): JsonObject {
  return container["env"] === undefined
    ? container
    : { ...container, env: mapped(container["env"], cleanedVariable) };
}

/** References say where a value comes from and are kept; a literal value may be a password. */
function cleanedVariable(variable: JsonObject): JsonObject {
  const { value, ...rest } = variable;
  return value === undefined ? rest : { ...rest, redacted: true };
}

const STATUS_DROPPED = new Set(["observedGeneration", "conditions"]);
/** `images`: 50 names a node, renewed with every pull; the pods say which are in use. */
const NODE_STATUS_DROPPED = new Set([...STATUS_DROPPED, "images"]);
const HEARTBEATS = new Set(["lastHeartbeatTime", "lastProbeTime", "observedGeneration"]);

function cleanedStatus(status: Json, kind: KindRef): Json {
  if (!isJsonObject(status)) return status;
  const { conditions } = status;
  return {
    ...without(status, kind.kind === "Node" ? NODE_STATUS_DROPPED : STATUS_DROPPED),
    ...(conditions !== undefined && { conditions: cleanedConditions(conditions) }),
  };
}

function cleanedConditions(conditions: Json): Json {
  const clean = mapped(conditions, (condition) => without(condition, HEARTBEATS));
  return Array.isArray(clean) ? clean.toSorted(byType) : clean;
}

function byType(left: Json, right: Json): number {
  const [a, b] = [nameOfType(left), nameOfType(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function nameOfType(condition: Json): string {
  const type = isJsonObject(condition) ? condition["type"] : null;
  return typeof type === "string" ? type : "";
}

/** Applies a change to every object of a list; whatever is not of that shape stays as it is. */
function mapped(list: Json, change: (item: JsonObject) => JsonObject): Json {
  if (typeof list !== "object" || list === null || isJsonObject(list)) return list;
  return list.map((item) => (isJsonObject(item) ? change(item) : item));
}
