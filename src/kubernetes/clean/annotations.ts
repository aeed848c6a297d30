import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { without } from "./without.ts";

/** Annotations in which a tool keeps the whole object as it was applied, values and all. */
const COPIES: ReadonlySet<string> = new Set([
  "kapp.k14s.io/original",
  "kapp.k14s.io/original-diff",
  "kapp.k14s.io/original-diff-full",
  "objectset.rio.cattle.io/applied",
  // OpenShift writes the service account's token itself beside the pull secret made from it
  "openshift.io/token-secret.value",
]);
/** kubectl, metacontroller, banzaicloud's objectmatch (packed), kopf. */
const COPY_SUFFIX = /\/last-(?:applied|applied-configuration|handled-configuration)$/;
/** The fields in which a copy under a name that nobody has heard of yet would show its values. */
const COPY_FIELD = /"(?:data|stringData|binaryData|env)"\s*:/;
/** Renewed every few seconds by whoever leads an election; every snapshot would hold a change that is none. */
const LEADER = "control-plane.alpha.kubernetes.io/leader";

/** The annotations that may be kept: none that can carry a Secret's, a ConfigMap's or a variable's value. */
export function keptAnnotations(annotations: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(annotations).filter(([name, value]) => isKept(name, value)));
}

const DROPPED = new Set(["managedFields", "resourceVersion", "generation", "selfLink", "annotations"]);

/** Metadata of an object or of a template without what changes by itself and what could leak. */
export function cleanedMetadata(metadata: JsonObject): JsonObject {
  const kept = without(metadata, DROPPED);
  const { annotations } = metadata;
  if (!isJsonObject(annotations)) return kept;
  const clean = keptAnnotations(annotations);
  return Object.keys(clean).length === 0 ? kept : { ...kept, annotations: clean };
}

function isKept(name: string, value: Json): boolean {
  if (name === LEADER || COPIES.has(name) || COPY_SUFFIX.test(name)) return false;
  return !(typeof value === "string" && value.trimStart().startsWith("{") && COPY_FIELD.test(value));
}
