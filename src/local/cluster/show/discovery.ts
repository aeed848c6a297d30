import type { Json, JsonObject } from "../../../core/json.ts";
import { KINDS, type KindRef } from "../../../streams/cluster-info/kinds.ts";
import { apiVersionOf } from "./present.ts";

/** Names that `kubectl` accepts besides the plural, and whether `kubectl get all` shows the kind. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  configmaps: ["cm"],
  cronjobs: ["cj"],
  daemonsets: ["ds"],
  deployments: ["deploy"],
  ingresses: ["ing"],
  namespaces: ["ns"],
  nodes: ["no"],
  persistentvolumeclaims: ["pvc"],
  persistentvolumes: ["pv"],
  pods: ["po"],
  replicasets: ["rs"],
  services: ["svc"],
  statefulsets: ["sts"],
};
const IN_ALL = new Set([
  ...["pods", "services", "replicasets", "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs"],
]);
/** The truth about this server: it can be read and nothing else. */
const VERBS = ["get", "list"];

/** Groups beside the core group, in the order in which they are first named. */
export const GROUPS: readonly string[] = [...new Set(KINDS.map(({ group }) => group))].filter(
  (group) => group !== "",
);

function kindsOf(group: string): readonly KindRef[] {
  return KINDS.filter((kind) => kind.group === group).sort((left, right) =>
    left.resource < right.resource ? -1 : 1,
  );
}

/** `/api` and `/apis` in the form that says everything at once. */
export function aggregatedDiscovery(groups: readonly string[]): JsonObject {
  const items = groups.map((group) => {
    const version = {
      version: "v1",
      resources: kindsOf(group).map(aggregatedResource),
      freshness: "Current",
    };
    return { metadata: group === "" ? {} : { name: group }, versions: [version] };
  });
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function aggregatedResource({ resource, kind, namespaced }: KindRef): JsonObject {
  return {
    resource,
    responseKind: { group: "", version: "", kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.toLowerCase(),
    verbs: VERBS,
    ...names(resource),
  };
}

/** `/api`, the old way. */
export function apiVersions(serverAddress: string): JsonObject {
  const serverAddressByClientCIDRs = [{ clientCIDR: "0.0.0.0/0", serverAddress }];
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs };
}

/** `/apis`, the old way. */
export function apiGroupList(): JsonObject {
  return { kind: "APIGroupList", apiVersion: "v1", groups: GROUPS.map(groupOf) };
}

/** `/apis/<group>`. */
export function apiGroup(group: string): JsonObject {
  return { kind: "APIGroup", apiVersion: "v1", ...groupOf(group) };
}

function groupOf(name: string): { readonly [key: string]: Json } {
  const version = { groupVersion: apiVersionOf({ group: name, version: "v1" }), version: "v1" };
  return { name, versions: [version], preferredVersion: version };
}

/** `/api/v1` and `/apis/<group>/v1`. */
export function apiResourceList(group: string): JsonObject {
  const resources = kindsOf(group).map(({ resource, kind, namespaced }) => {
    return {
      name: resource,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: VERBS,
      ...names(resource),
    };
  });
  const head = group === "" ? { kind: "APIResourceList" } : { kind: "APIResourceList", apiVersion: "v1" };
  return { ...head, groupVersion: apiVersionOf({ group, version: "v1" }), resources };
}

function names(resource: string): JsonObject {
  const shortNames = SHORT[resource];
  return {
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(IN_ALL.has(resource) ? { categories: ["all"] } : {}),
  };
}
