import type { JsonObject } from "../../../core/json.ts";
import { isoTime } from "./clock.ts";
import type { Draft } from "./draft.ts";
import type { Layout } from "./layout.ts";

const CLASS = "fast-ssd";
const SIZE = { storage: "10Gi" };
const MODES = ["ReadWriteOnce"];

/** Claims of stateful pods are bound to the volume of the same index; the others wait for one. */
export function draftClaim(layout: Layout, index: number): Draft {
  const identity = layout.claim(index);
  const isBound = index < layout.boundClaims;
  const common = {
    accessModes: MODES,
    resources: { requests: SIZE },
    storageClassName: CLASS,
    volumeMode: "Filesystem",
  };
  return {
    identity,
    apiVersion: "v1",
    annotations: isBound ? PROVISIONED : {},
    finalizers: ["kubernetes.io/pvc-protection"],
    authors: [
      { manager: "kube-controller-manager", at: identity.created },
      { manager: "kube-controller-manager", at: identity.created + 3, subresource: "status" },
    ],
    body: isBound
      ? {
          spec: { ...common, volumeName: layout.volume(index).name },
          status: { phase: "Bound", accessModes: MODES, capacity: SIZE },
        }
      : { spec: common, status: { phase: "Pending" } },
  };
}

export function draftVolume(layout: Layout, index: number): Draft {
  const identity = layout.volume(index);
  const isBound = index < layout.boundClaims;
  return {
    identity,
    apiVersion: "v1",
    annotations: { "pv.kubernetes.io/provisioned-by": "csi.example.com" },
    finalizers: ["kubernetes.io/pv-protection"],
    authors: [
      { manager: "csi-provisioner", at: identity.created },
      { manager: "kube-controller-manager", at: identity.created + 3, subresource: "status" },
    ],
    body: {
      spec: {
        capacity: SIZE,
        csi: {
          driver: "csi.example.com",
          fsType: "ext4",
          volumeHandle: `vol-${layout.dice.hex(17, `handle ${index}`)}`,
        },
        accessModes: MODES,
        ...(isBound ? { claimRef: claimReference(layout, index) } : {}),
        persistentVolumeReclaimPolicy: "Delete",
        storageClassName: CLASS,
        volumeMode: "Filesystem",
      },
      status: {
        phase: isBound ? "Bound" : "Available",
        lastPhaseTransitionTime: isoTime(identity.created + 3),
      },
    },
  };
}

function claimReference(layout: Layout, index: number): JsonObject {
  const { namespace, name, uid } = layout.claim(index);
  return { kind: "PersistentVolumeClaim", namespace: namespace ?? "", name, uid, apiVersion: "v1" };
}

const PROVISIONED: JsonObject = {
  "pv.kubernetes.io/bind-completed": "yes",
  "volume.kubernetes.io/storage-provisioner": "csi.example.com",
};
