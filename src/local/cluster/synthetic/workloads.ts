import type { JsonObject } from "../../../core/json.ts";
import type { Author, Draft } from "./draft.ts";
import type { Identity, Layout } from "./layout.ts";
import { appLabels, podSpec, type Application } from "./pod-template.ts";

export function draftDeployment(layout: Layout, index: number): Draft {
  const identity = layout.deployment(index);
  const revisions = layout.revisions(index);
  const app: Application = { name: identity.name, role: "deployment", version: revisions };
  const replicas = layout.replicas("deployment", index);
  return {
    identity,
    apiVersion: "apps/v1",
    generation: revisions,
    labels: appLabels(app),
    annotations: { "deployment.kubernetes.io/revision": String(revisions) },
    authors: authors(identity, "helm"),
    body: {
      spec: {
        replicas,
        selector: { matchLabels: appLabels(app) },
        template: template(app, {}, layout),
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {
        observedGeneration: revisions,
        replicas,
        updatedReplicas: replicas,
        readyReplicas: replicas,
        availableReplicas: replicas,
      },
    },
  };
}

/** The first of a deployment's replica sets has its pods; the older ones are kept, empty, to go back to. */
export function draftReplicaSet(layout: Layout, index: number): Draft {
  const { deployments } = layout.plan;
  const [deployment, age] = [index % deployments, Math.floor(index / deployments)];
  const owner = layout.deployment(deployment);
  const identity = layout.replicaSet(deployment, age);
  const revision = layout.revisions(deployment) - age;
  const app: Application = { name: owner.name, role: "deployment", version: revision };
  const replicas = age === 0 ? layout.replicas("deployment", deployment) : 0;
  const hash = { "pod-template-hash": identity.name.slice(owner.name.length + 1) };
  const labels = { ...appLabels(app), ...hash };
  return {
    identity,
    apiVersion: "apps/v1",
    generation: age + 1,
    labels,
    annotations: {
      "deployment.kubernetes.io/desired-replicas": String(replicas),
      "deployment.kubernetes.io/revision": String(revision),
    },
    owner: { apiVersion: "apps/v1", kind: "Deployment", identity: owner },
    authors: authors(identity, "kube-controller-manager"),
    body: {
      spec: { replicas, selector: { matchLabels: labels }, template: template(app, hash, layout) },
      status:
        replicas === 0
          ? { replicas, observedGeneration: age + 1 }
          : { ...counted(replicas), fullyLabeledReplicas: replicas },
    },
  };
}

export function draftStatefulSet(layout: Layout, index: number): Draft {
  const identity = layout.statefulSet(index);
  const app: Application = { name: identity.name, role: "statefulset", version: 1 };
  const replicas = layout.replicas("statefulset", index);
  const revision = `${identity.name}-${layout.dice.suffix(10, `revision ${identity.uid}`)}`;
  return {
    identity,
    apiVersion: "apps/v1",
    generation: 1,
    labels: appLabels(app),
    authors: authors(identity, "helm"),
    body: {
      spec: {
        replicas,
        selector: { matchLabels: appLabels(app) },
        template: template(app, {}, layout),
        volumeClaimTemplates: [CLAIM_TEMPLATE],
        serviceName: identity.name,
        podManagementPolicy: "OrderedReady",
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
        revisionHistoryLimit: 10,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
      },
      status: {
        ...counted(replicas),
        currentReplicas: replicas,
        currentRevision: revision,
        updateRevision: revision,
        collisionCount: 0,
      },
    },
  };
}

export function draftDaemonSet(layout: Layout, index: number): Draft {
  const identity = layout.daemonSet(index);
  const app: Application = { name: identity.name, role: "daemonset", version: 1 };
  const { nodes } = layout.plan;
  return {
    identity,
    apiVersion: "apps/v1",
    generation: 1,
    labels: appLabels(app),
    annotations: { "deprecated.daemonset.template.generation": "1" },
    authors: authors(identity, "kubectl-client-side-apply"),
    body: {
      spec: {
        selector: { matchLabels: appLabels(app) },
        template: template(app, {}, layout),
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        revisionHistoryLimit: 10,
      },
      status: {
        currentNumberScheduled: nodes,
        numberMisscheduled: 0,
        desiredNumberScheduled: nodes,
        numberReady: nodes,
        observedGeneration: 1,
        updatedNumberScheduled: nodes,
        numberAvailable: nodes,
      },
    },
  };
}

/** Whoever deployed it, and the controller that reports on it. */
function authors(identity: Identity, manager: string): readonly Author[] {
  return [
    { manager, at: identity.created },
    { manager: "kube-controller-manager", at: identity.created / 2, subresource: "status" },
  ];
}

function template(app: Application, labels: JsonObject, layout: Layout): JsonObject {
  return { metadata: { labels: { ...appLabels(app), ...labels } }, spec: podSpec(app, layout.dice) };
}

function counted(replicas: number): JsonObject {
  return { replicas, readyReplicas: replicas, availableReplicas: replicas, observedGeneration: 1 };
}

const CLAIM_TEMPLATE: JsonObject = {
  kind: "PersistentVolumeClaim",
  apiVersion: "v1",
  metadata: { name: "data" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "10Gi" } },
    storageClassName: "fast-ssd",
    volumeMode: "Filesystem",
  },
  status: { phase: "Pending" },
};
