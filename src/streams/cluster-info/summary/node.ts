import type { JsonObject } from "../../../core/json.ts";
import { objectOf, objectsOf, textOf } from "./fields.ts";
import { clusterScopedOf, labelledOf } from "./metadata.ts";

export function nodeSummary(document: JsonObject): JsonObject {
  const status = objectOf(document["status"]);
  const info = objectOf(status["nodeInfo"]);
  return {
    ready: isReady(status),
    os_image: textOf(info["osImage"]),
    kernel_version: textOf(info["kernelVersion"]),
    kubelet_version: textOf(info["kubeletVersion"]),
    ...clusterScopedOf(document),
    ...amounts(objectOf(status["capacity"]), "capacity"),
    ...amounts(objectOf(status["allocatable"]), "allocatable"),
    ...labelledOf(document),
  };
}

function isReady(status: JsonObject): boolean {
  return objectsOf(status["conditions"]).some(
    (condition) => condition["type"] === "Ready" && condition["status"] === "True",
  );
}

function amounts(resources: JsonObject, name: "capacity" | "allocatable"): JsonObject {
  return {
    [`cpu_${name}`]: textOf(resources["cpu"]),
    [`memory_${name}`]: textOf(resources["memory"]),
    // a node's disk is named ephemeral-storage; `storage` belongs to volumes
    [`storage_${name}`]: textOf(resources["ephemeral-storage"]),
  };
}
