import { CLUSTER_AGE } from "./clock.ts";
import type { Dice } from "./dice.ts";
import { CONFIG_WORDS, DAEMONS, nameOf, SECRET_WORDS, teamNamespace } from "./names.ts";
import { ownerAt, replicasOf, SYSTEM_NAMESPACES, type Plan } from "./plan.ts";

/** What distinguishes one object from all others. */
export interface Identity {
  /** Null for what lies outside namespaces. */
  readonly namespace: string | null;
  readonly name: string;
  readonly uid: string;
  /** Seconds relative to the cluster's present; negative. */
  readonly created: number;
}

export type Controller = "deployment" | "statefulset" | "daemonset" | "job";

/** Who runs a pod, and which of the owner's pods it is. */
export interface PodPlace {
  readonly controller: Controller;
  readonly owner: number;
  readonly ordinal: number;
}

const SYSTEM = ["default", "kube-node-lease", "kube-public", "kube-system"] as const;

/**
 * Who is called what and lies where. Knows names, uids and relations, but no contents: it answers for the
 * index-th object of a kind without looking at any other, so that nothing has to be kept.
 */
export class Layout {
  readonly dice: Dice;
  readonly plan: Plan;

  constructor(dice: Dice, plan: Plan) {
    this.dice = dice;
    this.plan = plan;
  }

  namespace(index: number): Identity {
    const name = SYSTEM[index] ?? teamNamespace(index - SYSTEM_NAMESPACES);
    return { ...this.#identity("namespaces", String(index), null, name), created: -CLUSTER_AGE };
  }

  node(index: number): Identity {
    return this.#identity(
      "nodes",
      String(index),
      null,
      `worker-${"abc"[index % 3] ?? "a"}-${this.#tail(5, "node", index)}`,
    );
  }

  deployment(index: number): Identity {
    return this.#team("deployments", index, nameOf("deployment", index));
  }

  /** `age` 0 is the replica set that has the pods, 1 the one before it, and so on. */
  replicaSet(deployment: number, age: number): Identity {
    const owner = this.deployment(deployment);
    const hash = this.dice.suffix(10, `template ${deployment} ${age}`);
    const identity = this.#owned("replicasets", `${deployment} ${age}`, owner, `${owner.name}-${hash}`);
    // each came after the one before it
    const moment = age + this.dice.fraction(`rollout ${deployment} ${age}`);
    return { ...identity, created: (owner.created * moment) / this.revisions(deployment) };
  }

  /** Replica sets that the deployment has, the current one included. */
  revisions(deployment: number): number {
    const { deployments, replicaSets } = this.plan;
    return 1 + Math.floor((replicaSets - 1 - deployment) / deployments);
  }

  statefulSet(index: number): Identity {
    return this.#team("statefulsets", index, nameOf("statefulset", index));
  }

  daemonSet(index: number): Identity {
    return this.#identity("daemonsets", String(index), "kube-system", DAEMONS[index] ?? `daemon-${index}`);
  }

  cronJob(index: number): Identity {
    return this.#team("cronjobs", index, nameOf("cronjob", index));
  }

  /** A cron job names its jobs after the minute they were due, counted from 1970. */
  job(index: number): Identity {
    const round = Math.floor(index / this.plan.cronJobs);
    const owner = this.cronJob(index % this.plan.cronJobs);
    const due = -3600 * (round + 1);
    const minute = 29_460_000 + due / 60;
    return { ...this.#owned("jobs", String(index), owner, `${owner.name}-${minute}`), created: due };
  }

  get pods(): number {
    const { deploymentPods, statefulPods, deployments, statefulSets, daemonSets, nodes, jobs } = this.plan;
    return (deploymentPods[deployments] ?? 0) + (statefulPods[statefulSets] ?? 0) + daemonSets * nodes + jobs;
  }

  /** Pods come in this order: of deployments, of stateful sets, of daemon sets, of jobs. */
  podPlace(index: number): PodPlace {
    const { deploymentPods, statefulPods, deployments, statefulSets, daemonSets, nodes } = this.plan;
    let rest = index;
    const ofDeployments = deploymentPods[deployments] ?? 0;
    if (rest < ofDeployments) return { controller: "deployment", ...ownerAt(deploymentPods, rest) };
    rest -= ofDeployments;
    const ofStateful = statefulPods[statefulSets] ?? 0;
    if (rest < ofStateful) return { controller: "statefulset", ...ownerAt(statefulPods, rest) };
    rest -= ofStateful;
    if (rest < daemonSets * nodes) {
      return { controller: "daemonset", owner: Math.floor(rest / nodes), ordinal: rest % nodes };
    }
    return { controller: "job", owner: rest - daemonSets * nodes, ordinal: 0 };
  }

  pod(index: number): Identity {
    const { controller, owner, ordinal } = this.podPlace(index);
    const set = this.podOwner(controller, owner);
    // the index keeps two pods of one owner from drawing the same five letters
    const tail =
      controller === "statefulset" ? String(ordinal) : this.#tail(5, `pod ${controller} ${owner}`, ordinal);
    return this.#owned("pods", String(index), set, `${set.name}-${tail}`);
  }

  /** What the pod's owner reference names: for a deployment's pod that is the replica set. */
  podOwner(controller: Controller, owner: number): Identity {
    switch (controller) {
      case "deployment":
        return this.replicaSet(owner, 0);
      case "statefulset":
        return this.statefulSet(owner);
      case "daemonset":
        return this.daemonSet(owner);
      case "job":
        return this.job(owner);
    }
  }

  /** The first is the API server's own; the others lead to the deployments, then to the stateful sets. */
  service(index: number): Identity {
    if (index === 0) return this.#identity("services", "0", "default", "kubernetes");
    const rest = index - 1;
    const { deployments } = this.plan;
    const target = rest < deployments ? this.deployment(rest) : this.statefulSet(rest - deployments);
    return this.#owned("services", String(index), target, target.name);
  }

  ingress(index: number): Identity {
    const target = this.deployment(index);
    return this.#owned("ingresses", String(index), target, target.name);
  }

  /** One with the cluster's certificate per namespace, then those of the deployments. */
  configMap(index: number): Identity {
    const { namespaces, deployments } = this.plan;
    if (index < namespaces) {
      return this.#identity("configmaps", String(index), this.namespace(index).name, "kube-root-ca.crt");
    }
    const rest = index - namespaces;
    return this.#belonging("configmaps", rest % deployments, Math.floor(rest / deployments), CONFIG_WORDS);
  }

  secret(index: number): Identity {
    const { deployments } = this.plan;
    return this.#belonging("secrets", index % deployments, Math.floor(index / deployments), SECRET_WORDS);
  }

  get claims(): number {
    return this.boundClaims + this.plan.pendingClaims;
  }

  /** Each stateful pod has one claim, and each of these one volume. */
  get boundClaims(): number {
    return this.plan.statefulPods[this.plan.statefulSets] ?? 0;
  }

  claim(index: number): Identity {
    if (index < this.boundClaims) {
      const { owner, ordinal } = ownerAt(this.plan.statefulPods, index);
      const set = this.statefulSet(owner);
      return this.#owned("persistentvolumeclaims", String(index), set, `data-${set.name}-${ordinal}`);
    }
    const target = this.deployment((index - this.boundClaims) % this.plan.deployments);
    const name = `${target.name}-uploads-${index - this.boundClaims}`;
    return this.#owned("persistentvolumeclaims", String(index), target, name);
  }

  volume(index: number): Identity {
    const isBound = index < this.boundClaims;
    const name = isBound ? `pvc-${this.claim(index).uid}` : `spare-${this.#tail(8, "volume", index)}`;
    return this.#identity("persistentvolumes", String(index), null, name);
  }

  /** The node that runs the index-th pod. */
  nodeOf(index: number): number {
    const { controller, ordinal } = this.podPlace(index);
    return controller === "daemonset" ? ordinal : this.dice.below(this.plan.nodes, `node of pod ${index}`);
  }

  replicas(controller: "deployment" | "statefulset", owner: number): number {
    return replicasOf(controller === "deployment" ? this.plan.deploymentPods : this.plan.statefulPods, owner);
  }

  #belonging(resource: string, deployment: number, round: number, words: readonly string[]): Identity {
    const owner = this.deployment(deployment);
    const word = words[round] ?? `extra-${round}`;
    return this.#owned(resource, `${deployment} ${round}`, owner, `${owner.name}-${word}`);
  }

  /** A team's thing, in one of the teams' namespaces. */
  #team(resource: string, index: number, name: string): Identity {
    const teams = this.plan.namespaces - SYSTEM_NAMESPACES;
    const team = SYSTEM_NAMESPACES + this.dice.below(teams, `team ${resource} ${index}`);
    return this.#identity(resource, String(index), this.namespace(team).name, name);
  }

  /** Lies where its owner lies, and came some time after it. */
  #owned(resource: string, id: string, owner: Identity, name: string): Identity {
    const created = owner.created * this.dice.fraction(`age ${resource} ${id}`);
    return { ...this.#identity(resource, id, owner.namespace, name), created };
  }

  #identity(resource: string, id: string, namespace: string | null, name: string): Identity {
    const what = `${resource} ${id}`;
    const created = -CLUSTER_AGE * this.dice.fraction(`age ${what}`);
    return { namespace, name, uid: this.dice.uuid(`uid ${what}`), created };
  }

  /** As random as Kubernetes' own, and yet different for every index of the same owner. */
  #tail(length: number, what: string, index: number): string {
    const digits = spell(index);
    return this.dice.suffix(Math.max(1, length - digits.length), `${what} ${index}`) + digits;
  }
}

const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const THREE_LETTERS = LETTERS.length ** 3;

/** Three letters, more only from the 19,683rd on; 7919 shares no factor with 27, so none repeats. */
function spell(index: number): string {
  const low = (index * 7919) % THREE_LETTERS;
  const high = Math.floor(index / THREE_LETTERS);
  const letters = [low / LETTERS.length ** 2, low / LETTERS.length, low].map((digit) =>
    LETTERS.charAt(Math.floor(digit) % LETTERS.length),
  );
  return (high === 0 ? "" : spell(high)) + letters.join("");
}
