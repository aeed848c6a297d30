import type { JsonObject } from "../../../core/json.ts";
import { metadataOf } from "../identity.ts";
import { LARGEST_INTEGER, objectOf, objectsOf, textOf, wholeOf } from "./fields.ts";
import { labelledOf, namedOf } from "./metadata.ts";
import { resourcesOf } from "./pod-resources.ts";

export function podSummary(document: JsonObject): JsonObject {
  const spec = objectOf(document["spec"]);
  const status = objectOf(document["status"]);
  return {
    deployment_name: deploymentOf(document),
    phase: textOf(status["phase"]),
    node_name: textOf(spec["nodeName"]),
    pod_ip: textOf(status["podIP"]),
    host_ip: textOf(status["hostIP"]),
    restart_count: restartsOf(status),
    container_statuses: objectsOf(status["containerStatuses"]).map(containerStatus),
    ...namedOf(document),
    ...resourcesOf(spec),
    ...labelledOf(document),
  };
}

/**
 * The Deployment that a pod belongs to; "" when it belongs to none. A Deployment names its ReplicaSets
 * `<name>-<hash>` and puts the hash into the label `pod-template-hash`, which a ReplicaSet that somebody made
 * by hand does not have.
 */
function deploymentOf(document: JsonObject): string {
  const { ownerReferences, labels } = metadataOf(document);
  const hash = textOf(objectOf(labels)["pod-template-hash"]);
  const owner = objectsOf(ownerReferences).find(
    (reference) => reference["kind"] === "ReplicaSet" && reference["controller"] === true,
  );
  const replicaSet = textOf(owner?.["name"]);
  return hash !== "" && replicaSet.endsWith(`-${hash}`) ? replicaSet.slice(0, -hash.length - 1) : "";
}

/** Restarts of all containers, those that prepare the pod included: a pod that never gets past them counts too. */
function restartsOf(status: JsonObject): number {
  return [...objectsOf(status["initContainerStatuses"]), ...objectsOf(status["containerStatuses"])]
    .map((container) => wholeOf(container["restartCount"]))
    .reduce((sum, restarts) => Math.min(sum + restarts, LARGEST_INTEGER), 0);
}

function containerStatus(status: JsonObject): JsonObject {
  return {
    name: textOf(status["name"]),
    ready: status["ready"] === true,
    restart_count: wholeOf(status["restartCount"]),
    image: textOf(status["image"]),
    state: stateOf(objectOf(status["state"])),
  };
}

function stateOf(state: JsonObject): string {
  return ["running", "waiting", "terminated"].find((name) => name in state) ?? "unknown";
}
