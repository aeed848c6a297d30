/** One kind of Kubernetes object that a snapshot holds. `group` is "" for the core group. */
export interface KindRef {
  readonly group: string;
  readonly version: string;
  /** Plural name in the API's paths. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function of(group: string, resource: string, kind: string, namespaced = "namespaced"): KindRef {
  return { group, version: "v1", resource, kind, namespaced: namespaced === "namespaced" };
}

/**
 * The kinds of a snapshot, usually largest first: the first one listed fixes the revision at which the others
 * are read, and the server forgets old revisions after a few minutes.
 */
export const KINDS: readonly KindRef[] = [
  of("", "pods", "Pod"),
  of("apps", "replicasets", "ReplicaSet"),
  of("", "configmaps", "ConfigMap"),
  of("", "secrets", "Secret"),
  of("batch", "jobs", "Job"),
  of("apps", "deployments", "Deployment"),
  of("", "services", "Service"),
  of("networking.k8s.io", "ingresses", "Ingress"),
  of("apps", "statefulsets", "StatefulSet"),
  of("apps", "daemonsets", "DaemonSet"),
  of("batch", "cronjobs", "CronJob"),
  of("", "persistentvolumeclaims", "PersistentVolumeClaim"),
  of("", "persistentvolumes", "PersistentVolume", "cluster"),
  of("", "nodes", "Node", "cluster"),
  of("", "namespaces", "Namespace", "cluster"),
];
