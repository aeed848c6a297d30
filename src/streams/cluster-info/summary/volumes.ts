import type { JsonObject } from "../../../core/json.ts";
import { objectOf, textOf, textsOf, unlessEmpty } from "./fields.ts";
import { clusterScopedOf, labelledOf, namedOf } from "./metadata.ts";

export function persistentVolumeSummary(document: JsonObject): JsonObject {
  const spec = objectOf(document["spec"]);
  return {
    capacity: textOf(objectOf(spec["capacity"])["storage"]),
    access_modes: textsOf(spec["accessModes"]),
    reclaim_policy: textOf(spec["persistentVolumeReclaimPolicy"]),
    storage_class: textOf(spec["storageClassName"]),
    volume_mode: textOf(spec["volumeMode"]),
    status: textOf(objectOf(document["status"])["phase"]),
    volume_source: sourceOf(spec),
    ...clusterScopedOf(document),
    ...unlessEmpty("claim_ref", claimOf(objectOf(spec["claimRef"]))),
    ...labelledOf(document),
  };
}

export function persistentVolumeClaimSummary(document: JsonObject): JsonObject {
  const spec = objectOf(document["spec"]);
  return {
    requested_size: textOf(objectOf(objectOf(spec["resources"])["requests"])["storage"]),
    access_modes: textsOf(spec["accessModes"]),
    volume_mode: textOf(spec["volumeMode"]),
    status: textOf(objectOf(document["status"])["phase"]),
    ...namedOf(document),
    ...unlessEmpty("storage_class", textOf(spec["storageClassName"])),
    ...unlessEmpty("volume_name", textOf(spec["volumeName"])),
    ...labelledOf(document),
  };
}

function claimOf(claim: JsonObject): string {
  const name = textOf(claim["name"]);
  return name === "" ? "" : `${textOf(claim["namespace"])}/${name}`;
}

/** The sources that the collector tells apart. */
const SOURCES = ["hostPath", "nfs", "awsElasticBlockStore", "gcePersistentDisk"] as const;

function sourceOf(spec: JsonObject): string {
  return SOURCES.find((source) => source in spec) ?? "other";
}
