import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";

/** What tells the members of a list apart, by the list's name; a list that is not here is owned as a whole. */
const LIST_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  env: ["name"],
  volumes: ["name"],
  volumeMounts: ["mountPath"],
  imagePullSecrets: ["name"],
  conditions: ["type"],
  addresses: ["type"],
  podIPs: ["ip"],
  ownerReferences: ["uid"],
};

/** Lists of plain values that are owned value by value. */
const SETS = new Set(["finalizers", "podCIDRs"]);

/** Parts that exist, empty, in every object of their kind: nobody owns that they are there, only what they hold. */
const ALWAYS_THERE = new Set([
  ...["metadata", "spec", "status", "template", "strategy", "updateStrategy", "jobTemplate", "containers"],
  ...["nodeInfo", "loadBalancer", "daemonEndpoints"],
]);

/** Maps and structures that are owned as a whole. */
const ATOMIC = new Set(["selector", "scope"]);

const EMPTY: JsonObject = {};

/**
 * The `fieldsV1` set of a value: every field in it is owned by one manager. Follows what API servers write for
 * plain updates (structured-merge-diff): `f:` before fields, `k:` with the key before members of a keyed list,
 * "." where the thing itself came into being with the write.
 */
export function fieldsOf(value: JsonObject): JsonObject {
  return members(value, "there");
}

/** Whether what surrounds a field came with the same write; if so, also what is always there came with it. */
type Surroundings = "new" | "there";

/** Written as loops: a list of a thousand pods comes through here a hundred thousand times. */
function members(value: JsonObject, around: Surroundings, fields: Record<string, Json> = {}): JsonObject {
  for (const name in value) fields[`f:${name}`] = fieldOf(name, value[name] ?? null, around);
  return fields;
}

function fieldOf(name: string, value: Json, around: Surroundings): JsonObject {
  const self = around === "new" || !ALWAYS_THERE.has(name) ? "new" : "there";
  const birth = (): Record<string, Json> => (self === "new" ? { ".": EMPTY } : {});
  if (Array.isArray(value)) return entriesOf(name, value, birth);
  if (!isJsonObject(value) || ATOMIC.has(name) || Object.keys(value).length === 0) return EMPTY;
  return members(value, self, birth());
}

/** The members of a list that is owned member by member; nothing for one that is owned as a whole. */
function entriesOf(name: string, list: readonly Json[], birth: () => Record<string, Json>): JsonObject {
  const keys = name === "ports" ? portKeys(list) : LIST_KEYS[name];
  if (keys === undefined && !SETS.has(name)) return EMPTY;
  const fields = birth();
  for (const entry of list) {
    if (keys === undefined || !isJsonObject(entry)) fields[`v:${JSON.stringify(entry)}`] = EMPTY;
    else {
      const key = Object.fromEntries(keys.map((field) => [field, entry[field] ?? null]));
      // an owner reference is told apart by its key and owned as a whole
      fields[`k:${JSON.stringify(key)}`] =
        name === "ownerReferences" ? EMPTY : members(entry, "new", { ".": EMPTY });
    }
  }
  return fields;
}

/** A container's ports and a service's ports are keyed by different fields. */
function portKeys(list: readonly Json[]): readonly string[] {
  const first = list[0];
  return isJsonObject(first) && "containerPort" in first
    ? ["containerPort", "protocol"]
    : ["port", "protocol"];
}
