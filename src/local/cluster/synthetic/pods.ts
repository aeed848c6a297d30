import type { JsonObject } from "../../../core/json.ts";
import type { Draft } from "./draft.ts";
import type { Controller, Identity, Layout, PodPlace } from "./layout.ts";
import { appLabels, podSpec, volumesOf, type Application } from "./pod-template.ts";
import { podStatus } from "./pod-status.ts";

/** Controllers' apiVersion and kind as owner references name them. */
const OWNERS: Readonly<Record<Controller, readonly [apiVersion: string, kind: string]>> = {
  deployment: ["apps/v1", "ReplicaSet"],
  statefulset: ["apps/v1", "StatefulSet"],
  daemonset: ["apps/v1", "DaemonSet"],
  job: ["batch/v1", "Job"],
};

/** Draws up the index-th pod: spec of its owner's template, a node, and a status that fits. */
export function draftPod(layout: Layout, index: number): Draft {
  const place = layout.podPlace(index);
  const identity = layout.pod(index);
  const owner = layout.podOwner(place.controller, place.owner);
  const [apiVersion, kind] = OWNERS[place.controller];
  const app = applicationOf(layout, place);
  const node = layout.node(layout.nodeOf(index)).name;
  return {
    identity,
    apiVersion: "v1",
    generateName: `${owner.name}-`,
    generation: 1,
    labels: { ...appLabels(app), ...controllerLabels(place, owner, identity) },
    annotations: { "prometheus.io/port": "8080", "prometheus.io/scrape": "true" },
    owner: { apiVersion, kind, identity: owner },
    authors: [
      { manager: "kube-controller-manager", at: identity.created },
      { manager: "kubelet", at: identity.created / 2, subresource: "status" },
    ],
    body: {
      spec: { ...podSpec(app, layout.dice), ...claimed(app, identity), nodeName: node, ...ADMITTED },
      status: podStatus({ index, identity, app, nodeIndex: layout.nodeOf(index) }, layout.dice),
    },
  };
}

function applicationOf(layout: Layout, { controller, owner }: PodPlace): Application {
  switch (controller) {
    case "deployment":
      return { name: layout.deployment(owner).name, role: controller, version: layout.revisions(owner) };
    case "statefulset":
      return { name: layout.statefulSet(owner).name, role: controller, version: 1 };
    case "daemonset":
      return { name: layout.daemonSet(owner).name, role: controller, version: 1 };
    case "job":
      return { name: layout.cronJob(owner % layout.plan.cronJobs).name, role: controller, version: 1 };
  }
}

function controllerLabels({ controller, ordinal }: PodPlace, owner: Identity, pod: Identity): JsonObject {
  switch (controller) {
    case "deployment":
      return { "pod-template-hash": owner.name.slice(owner.name.lastIndexOf("-") + 1) };
    case "statefulset":
      return {
        "apps.kubernetes.io/pod-index": String(ordinal),
        "statefulset.kubernetes.io/pod-name": pod.name,
      };
    case "daemonset":
      return { "pod-template-generation": "1" };
    case "job":
      return { "batch.kubernetes.io/controller-uid": owner.uid, "batch.kubernetes.io/job-name": owner.name };
  }
}

/** A stateful pod mounts the claim of its own number. */
function claimed(app: Application, pod: Identity): JsonObject {
  if (app.role !== "statefulset") return {};
  const data = { name: "data", persistentVolumeClaim: { claimName: `data-${pod.name}` } };
  return { volumes: [data, ...volumesOf(app)] };
}

/** What admission and the scheduler add to every pod. */
const ADMITTED: JsonObject = {
  tolerations: ["not-ready", "unreachable"].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 300,
  })),
  priority: 0,
  enableServiceLinks: true,
  preemptionPolicy: "PreemptLowerPriority",
};
