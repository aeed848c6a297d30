import type { JsonObject } from "../../../core/json.ts";
import { draftCronJob, draftJob } from "./batch.ts";
import { draftConfigMap, draftSecret } from "./configuration.ts";
import { Dice } from "./dice.ts";
import { finish, type Draft } from "./draft.ts";
import { draftNamespace, draftNode } from "./infrastructure.ts";
import { Layout, type Identity } from "./layout.ts";
import { draftIngress, draftService } from "./network.ts";
import { planFor } from "./plan.ts";
import { draftPod } from "./pods.ts";
import { draftClaim, draftVolume } from "./storage.ts";
import { draftDaemonSet, draftDeployment, draftReplicaSet, draftStatefulSet } from "./workloads.ts";

/** All objects of one kind, made when asked for and never kept. */
export interface Family {
  readonly count: number;
  identify(index: number): Identity;
  /** The object as a list holds it, without `kind` and `apiVersion`. */
  make(index: number): JsonObject;
}

export interface SyntheticCluster {
  /** By the plural name in the API's paths. */
  readonly families: ReadonlyMap<string, Family>;
  /** The newest revision that any object has. */
  readonly revision: number;
}

/** Revisions below it belong to what an API server keeps for itself. */
const FIRST_REVISION = 1000;

/**
 * A believable cluster of about `objects` objects: the same count and seed give the same cluster, byte for byte.
 * Memory does not grow with the count, apart from two numbers for each workload.
 */
export function synthesize(objects: number, seed: number): SyntheticCluster {
  const dice = new Dice(seed);
  const layout = new Layout(dice, planFor(objects, dice));
  const families = new Map<string, Family>();
  let revision = FIRST_REVISION;
  for (const [resource, { count, identify, draft }] of Object.entries(recipes(layout))) {
    const before = revision;
    const make = (index: number): JsonObject => finish(draft(layout, index), before + index + 1);
    families.set(resource, { count, identify, make });
    revision += count;
  }
  return { families, revision };
}

interface Recipe {
  readonly count: number;
  readonly identify: (index: number) => Identity;
  readonly draft: (layout: Layout, index: number) => Draft;
}

/** In the order in which the objects came to be, as far as revisions tell it. */
function recipes(layout: Layout): Readonly<Record<string, Recipe>> {
  const { plan } = layout;
  const replicaSet = (index: number): Identity =>
    layout.replicaSet(index % plan.deployments, Math.floor(index / plan.deployments));
  return {
    namespaces: { count: plan.namespaces, identify: (at) => layout.namespace(at), draft: draftNamespace },
    nodes: { count: plan.nodes, identify: (at) => layout.node(at), draft: draftNode },
    configmaps: { count: plan.configMaps, identify: (at) => layout.configMap(at), draft: draftConfigMap },
    secrets: { count: plan.secrets, identify: (at) => layout.secret(at), draft: draftSecret },
    persistentvolumes: {
      count: layout.boundClaims + plan.spareVolumes,
      identify: (at) => layout.volume(at),
      draft: draftVolume,
    },
    persistentvolumeclaims: { count: layout.claims, identify: (at) => layout.claim(at), draft: draftClaim },
    deployments: { count: plan.deployments, identify: (at) => layout.deployment(at), draft: draftDeployment },
    statefulsets: {
      count: plan.statefulSets,
      identify: (at) => layout.statefulSet(at),
      draft: draftStatefulSet,
    },
    daemonsets: { count: plan.daemonSets, identify: (at) => layout.daemonSet(at), draft: draftDaemonSet },
    cronjobs: { count: plan.cronJobs, identify: (at) => layout.cronJob(at), draft: draftCronJob },
    replicasets: { count: plan.replicaSets, identify: replicaSet, draft: draftReplicaSet },
    jobs: { count: plan.jobs, identify: (at) => layout.job(at), draft: draftJob },
    services: { count: plan.services, identify: (at) => layout.service(at), draft: draftService },
    ingresses: { count: plan.ingresses, identify: (at) => layout.ingress(at), draft: draftIngress },
    pods: { count: layout.pods, identify: (at) => layout.pod(at), draft: draftPod },
  };
}
