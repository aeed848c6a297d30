import { isJsonList, isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { metadataOf } from "../../streams/cluster-info/identity.ts";
import type { KindRef } from "../../streams/cluster-info/kinds.ts";
import { cleanedMetadata } from "./annotations.ts";
import { without } from "./without.ts";

/**
 * One object as a snapshot holds it: `apiVersion` and `kind`, which lists leave out, and of the rest only
 * metadata, spec and status, which is all that the kinds of a snapshot have. Gone are what the server's
 * bookkeeping changes by itself (managed fields, heartbeats, versions) and values that are nobody's business
 * (copies in annotations, literal environment variables).
 */
export function cleanedDocument(item: JsonObject, kind: KindRef): JsonObject {
  const { spec, status } = item;
  return {
    ...typeOf(kind),
    metadata: cleanedMetadata(metadataOf(item)),
    ...(spec !== undefined && { spec: cleanedSpec(spec) }),
    ...(status !== undefined && { status: cleanedStatus(status, kind) }),
  };
}

export function typeOf(kind: KindRef): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}`, kind: kind.kind };
}

/** What is cleaned in a spec, wherever it stands: a pod's, a workload's, or one of the templates inside. */
const CLEANED_IN_SPEC: ReadonlyMap<string, (value: Json) => Json> = new Map([
  ["containers", (list) => mapped(list, cleanedContainer)],
  ["initContainers", (list) => mapped(list, cleanedContainer)],
  ["ephemeralContainers", (list) => mapped(list, cleanedContainer)],
  ["template", cleanedTemplate],
  ["jobTemplate", cleanedTemplate],
  ["volumeClaimTemplates", (list) => mapped(list, withCleanMetadata)],
]);

function cleanedSpec(spec: Json): Json {
  if (!isJsonObject(spec)) return spec;
  const members = Object.entries(spec).map(([name, value]) => [
    name,
    CLEANED_IN_SPEC.get(name)?.(value) ?? value,
  ]);
  return Object.fromEntries(members) as JsonObject;
}

/** A pod template, or a CronJob's job template, which has a pod template in its spec. */
function cleanedTemplate(template: Json): Json {
  if (!isJsonObject(template)) return template;
  const clean = withCleanMetadata(template);
  return template["spec"] === undefined ? clean : { ...clean, spec: cleanedSpec(template["spec"]) };
}

function withCleanMetadata(part: JsonObject): JsonObject {
  return isJsonObject(part["metadata"]) ? { ...part, metadata: cleanedMetadata(part["metadata"]) } : part;
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
  if (!isJsonList(list)) return list;
  return list.map((item) => (isJsonObject(item) ? change(item) : item));
}
