import type { Dice } from "./dice.ts";
import { DAEMONS } from "./names.ts";

/** How many there are of each, and who has how many pods. Everything else about the cluster follows from these. */
export interface Plan {
  readonly namespaces: number;
  readonly nodes: number;
  readonly deployments: number;
  readonly replicaSets: number;
  readonly statefulSets: number;
  readonly daemonSets: number;
  readonly cronJobs: number;
  readonly jobs: number;
  readonly services: number;
  readonly ingresses: number;
  readonly configMaps: number;
  readonly secrets: number;
  /** Claims that nothing provides a volume for. */
  readonly pendingClaims: number;
  /** Volumes that nobody claims. */
  readonly spareVolumes: number;
  /** Pods of all deployments before the index-th; one entry more than there are deployments. */
  readonly deploymentPods: Uint32Array;
  readonly statefulPods: Uint32Array;
}

/** default, kube-node-lease, kube-public, kube-system. */
export const SYSTEM_NAMESPACES = 4;

/**
 * Shares as inventories of ordinary clusters show them: under half of all objects are pods, every deployment
 * keeps one or two old replica sets, configuration is a fifth. `objects` is met exactly from about 60 on;
 * below that at least one object of every kind is more than asked for.
 */
export function planFor(objects: number, dice: Dice): Plan {
  const share = (part: number): number => Math.max(1, Math.round(objects * part));
  const nodes = share(0.008);
  const deployments = share(0.05);
  const statefulSets = share(0.008);
  const counts = {
    namespaces: SYSTEM_NAMESPACES + share(0.004),
    nodes,
    deployments,
    replicaSets: deployments + Math.round(objects * 0.07),
    statefulSets,
    daemonSets: Math.min(DAEMONS.length, share(0.01)),
    cronJobs: share(0.006),
    jobs: share(0.03),
    // one each, and the API server's own
    services: 1 + deployments + statefulSets,
    ingresses: share(0.015),
    configMaps: SYSTEM_NAMESPACES + share(0.004) + share(0.07),
    secrets: share(0.09),
    pendingClaims: share(0.002),
    spareVolumes: share(0.002),
  };
  const statefulPods = running(statefulSets, (index) =>
    dice.one([1, 2, 3, 3, 5], `stateful replicas ${index}`),
  );
  const bound = statefulPods[statefulSets] ?? 0;
  // a stateful pod brings a claim and a volume, so it counts three times
  const others = Object.values(counts).reduce((sum, count) => sum + count, 0) + 3 * bound;
  const podsElsewhere = counts.daemonSets * nodes + counts.jobs;
  const left = Math.max(deployments, objects - others - podsElsewhere);
  return { ...counts, deploymentPods: spread(left, deployments, dice), statefulPods };
}

/** Deals pods out to deployments: most have a few, some have many. Cut out of one line, so that the sum is exact. */
function spread(pods: number, deployments: number, dice: Dice): Uint32Array {
  const weight = running(deployments, (index) =>
    dice.one([1, 2, 2, 2, 3, 3, 4, 6, 12, 30], `replicas ${index}`),
  );
  const all = weight[deployments] ?? 1;
  return weight.map((before) => Math.floor((before / all) * pods));
}

function running(length: number, of: (index: number) => number): Uint32Array {
  const sums = new Uint32Array(length + 1);
  for (let index = 0; index < length; index += 1) sums[index + 1] = (sums[index] ?? 0) + of(index);
  return sums;
}

/** Which owner the index-th pod belongs to and which of its pods it is, given the running sums. */
export function ownerAt(
  sums: Uint32Array,
  index: number,
): { readonly owner: number; readonly ordinal: number } {
  let low = 0;
  let high = sums.length - 1;
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] ?? 0) <= index) low = middle;
    else high = middle;
  }
  return { owner: low, ordinal: index - (sums[low] ?? 0) };
}

/** How many pods the owner has. */
export function replicasOf(sums: Uint32Array, owner: number): number {
  return (sums[owner + 1] ?? 0) - (sums[owner] ?? 0);
}
