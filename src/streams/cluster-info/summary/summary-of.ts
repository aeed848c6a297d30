import type { JsonObject } from "../../../core/json.ts";
import type { KindRef } from "../kinds.ts";
import { deploymentSummary } from "./deployment.ts";
import { ingressSummary } from "./ingress.ts";
import { configMapSummary, secretSummary } from "./key-holders.ts";
import { nodeSummary } from "./node.ts";
import { podSummary } from "./pod.ts";
import { serviceSummary } from "./service.ts";
import { persistentVolumeClaimSummary, persistentVolumeSummary } from "./volumes.ts";

const SUMMARIES: ReadonlyMap<string, (document: JsonObject) => JsonObject> = new Map([
  ["apps/deployments", deploymentSummary],
  ["/pods", podSummary],
  ["/nodes", nodeSummary],
  ["/services", serviceSummary],
  ["networking.k8s.io/ingresses", ingressSummary],
  ["/configmaps", configMapSummary],
  ["/secrets", secretSummary],
  ["/persistentvolumes", persistentVolumeSummary],
  ["/persistentvolumeclaims", persistentVolumeClaimSummary],
]);

/**
 * A Kubernetes document in the fields of the cluster info collector, for the nine kinds it has; null for every
 * other kind. A pure function of the document that never throws, whatever the document holds.
 */
export function summaryOf(
  kind: Pick<KindRef, "group" | "resource">,
  document: JsonObject,
): JsonObject | null {
  return SUMMARIES.get(`${kind.group}/${kind.resource}`)?.(document) ?? null;
}
