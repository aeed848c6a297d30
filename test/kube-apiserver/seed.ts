import { CANARY } from "../../src/local/cluster/synthetic/configuration.ts";
import { type Access, requestJson } from "./request.ts";

const TIME = "2026-01-01T00:00:00Z";
const PODS = 24;

/**
 * Fills an empty cluster with some objects of every kind that a snapshot holds. No controller runs, so status,
 * owners and bindings are written here, and stay as they are written. Every value of a Secret or a ConfigMap
 * begins with the canary of the generated cluster.
 */
export async function seed(access: Access): Promise<void> {
  const write = writer(access);
  await write.create("/api/v1", "namespaces", {
    kind: "Namespace",
    metadata: { name: "shop", labels: { team: "shop" } },
  });
  await write.create("/api/v1", "namespaces", { kind: "Namespace", metadata: { name: "infra" } });
  await Promise.all([
    seedNodes(write),
    seedWorkloads(write),
    seedNetwork(write),
    seedVolumes(write),
    seedConfiguration(write),
    seedRights(write),
  ]);
}

interface Writer {
  /** POSTs to `<base>/<resource>`; answers the object's uid. */
  readonly create: (base: string, resource: string, object: Record<string, unknown>) => Promise<string>;
  readonly status: (path: string, status: Record<string, unknown>) => Promise<void>;
}

function writer(access: Access): Writer {
  return {
    async create(base, resource, object) {
      const apiVersion = base.replace(/^\/apis?\//, "").replace(/\/namespaces\/.*/, "");
      const answer = await requestJson(access, "POST", `${base}/${resource}`, { apiVersion, ...object });
      if (answer.status !== 201) throw new Error(`seeding ${resource}: ${JSON.stringify(answer.body)}`);
      return (answer.body as { metadata: { uid: string } }).metadata.uid;
    },
    async status(path, status) {
      const headers = { "content-type": "application/merge-patch+json" };
      const answer = await requestJson(access, "PATCH", `${path}/status`, { status }, headers);
      if (answer.status !== 200) throw new Error(`seeding ${path}: ${JSON.stringify(answer.body)}`);
    },
  };
}

const SHOP = "/api/v1/namespaces/shop";
const APPS = "/apis/apps/v1/namespaces/shop";
const BATCH = "/apis/batch/v1/namespaces/shop";
const NETWORKING = "/apis/networking.k8s.io/v1/namespaces/shop";

async function seedNodes(write: Writer): Promise<void> {
  for (const index of [0, 1, 2]) {
    const name = `node-${index}`;
    const labels = { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": `zone-${index}` };
    await write.create("/api/v1", "nodes", {
      kind: "Node",
      metadata: { name, labels },
      spec: { podCIDR: `10.1.${index}.0/24` },
    });
    await write.status(`/api/v1/nodes/${name}`, {
      capacity: { cpu: "8", memory: "32Gi", pods: "110", "ephemeral-storage": "100Gi" },
      allocatable: { cpu: "7500m", memory: "30Gi", pods: "110", "ephemeral-storage": "90Gi" },
      addresses: [{ type: "InternalIP", address: `192.168.0.${index + 1}` }],
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          lastHeartbeatTime: TIME,
          lastTransitionTime: TIME,
        },
      ],
    });
  }
}

function template(app: string): Record<string, unknown> {
  const container = {
    name: "app",
    image: "registry.example.com/shop/app:1.4.2",
    env: [{ name: "MODE", value: "production" }],
    ports: [{ name: "http", containerPort: 8080 }],
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
    volumeMounts: [{ name: "config", mountPath: "/etc/app" }],
  };
  const volumes = [{ name: "config", configMap: { name: "settings" } }];
  return { metadata: { labels: { app } }, spec: { containers: [container], volumes } };
}

function owner(apiVersion: string, kind: string, name: string, uid: string): Record<string, unknown>[] {
  return [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }];
}

async function seedWorkloads(write: Writer): Promise<void> {
  const selector = { matchLabels: { app: "web" } };
  const spec = { replicas: PODS, selector, template: template("web") };
  const deployment = await write.create(APPS, "deployments", {
    kind: "Deployment",
    metadata: { name: "web" },
    spec,
  });
  await write.status(`${APPS}/deployments/web`, {
    replicas: PODS,
    readyReplicas: PODS,
    observedGeneration: 1,
  });
  const ownedByDeployment = {
    name: "web-5d8f",
    ownerReferences: owner("apps/v1", "Deployment", "web", deployment),
  };
  const set = await write.create(APPS, "replicasets", {
    kind: "ReplicaSet",
    metadata: ownedByDeployment,
    spec,
  });
  await Promise.all(Array.from({ length: PODS }, (_, index) => seedPod(write, index, set)));

  const others = template("other");
  const one = { selector: { matchLabels: { app: "other" } }, template: others };
  await write.create(APPS, "statefulsets", {
    kind: "StatefulSet",
    metadata: { name: "db" },
    spec: { ...one, serviceName: "db" },
  });
  await write.create(APPS, "daemonsets", { kind: "DaemonSet", metadata: { name: "agent" }, spec: one });
  const job = {
    template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox:1.37" }] } },
  };
  const cron = { schedule: "*/5 * * * *", jobTemplate: { spec: job } };
  const cronJob = await write.create(BATCH, "cronjobs", {
    kind: "CronJob",
    metadata: { name: "report" },
    spec: cron,
  });
  const ownedByCron = { name: "report-1", ownerReferences: owner("batch/v1", "CronJob", "report", cronJob) };
  await write.create(BATCH, "jobs", { kind: "Job", metadata: ownedByCron, spec: job });
}

async function seedPod(write: Writer, index: number, replicaSet: string): Promise<void> {
  const name = `web-5d8f-${String(index).padStart(3, "0")}`;
  const { metadata, spec } = template("web") as { metadata: object; spec: object };
  const ownerReferences = owner("apps/v1", "ReplicaSet", "web-5d8f", replicaSet);
  const object = {
    kind: "Pod",
    metadata: { ...metadata, name, ownerReferences },
    spec: { ...spec, nodeName: `node-${index % 3}` },
  };
  await write.create(SHOP, "pods", object);
  await write.status(`${SHOP}/pods/${name}`, {
    phase: "Running",
    podIP: `10.1.${index % 3}.${index + 10}`,
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: TIME }],
    containerStatuses: [
      {
        name: "app",
        ready: true,
        restartCount: index % 4,
        image: "registry.example.com/shop/app:1.4.2",
        imageID: "registry.example.com/shop/app@sha256:0000",
        state: { running: { startedAt: TIME } },
      },
    ],
  });
}

async function seedNetwork(write: Writer): Promise<void> {
  const service = { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: 8080 }] };
  await write.create(SHOP, "services", { kind: "Service", metadata: { name: "web" }, spec: service });
  const backend = { service: { name: "web", port: { number: 80 } } };
  const rules = [{ host: "shop.example.com", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }];
  await write.create(NETWORKING, "ingresses", {
    kind: "Ingress",
    metadata: { name: "web" },
    spec: { rules },
  });
}

async function seedVolumes(write: Writer): Promise<void> {
  const common = { accessModes: ["ReadWriteOnce"], storageClassName: "manual" };
  const claimRef = { namespace: "shop", name: "data-db-0" };
  const volume = { ...common, capacity: { storage: "1Gi" }, hostPath: { path: "/data" }, claimRef };
  await write.create("/api/v1", "persistentvolumes", {
    kind: "PersistentVolume",
    metadata: { name: "pv-0" },
    spec: volume,
  });
  const resources = { requests: { storage: "1Gi" } };
  const bound = {
    kind: "PersistentVolumeClaim",
    metadata: { name: "data-db-0" },
    spec: { ...common, resources, volumeName: "pv-0" },
  };
  const pending = {
    kind: "PersistentVolumeClaim",
    metadata: { name: "data-db-1" },
    spec: { ...common, resources },
  };
  await write.create(SHOP, "persistentvolumeclaims", bound);
  await write.create(SHOP, "persistentvolumeclaims", pending);
  await write.status(`${SHOP}/persistentvolumeclaims/data-db-0`, {
    phase: "Bound",
    capacity: { storage: "1Gi" },
  });
}

/** One object made plainly, and one as `kubectl apply` makes it: the values lie in an annotation too. */
async function seedConfiguration(write: Writer): Promise<void> {
  const stringData = { password: `${CANARY}-password`, username: `${CANARY}-username` };
  await write.create(SHOP, "secrets", {
    kind: "Secret",
    metadata: { name: "db" },
    type: "Opaque",
    stringData,
  });
  await write.create(SHOP, "secrets", applied({ kind: "Secret", metadata: { name: "applied" }, stringData }));
  const data = { "app.conf": `${CANARY}-setting`, mode: `${CANARY}-mode` };
  await write.create(SHOP, "configmaps", { kind: "ConfigMap", metadata: { name: "settings" }, data });
  await write.create(SHOP, "configmaps", applied({ kind: "ConfigMap", metadata: { name: "applied" }, data }));
}

function applied(object: { metadata: { name: string } } & Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify({ apiVersion: "v1", ...object });
  const annotations = { "kubectl.kubernetes.io/last-applied-configuration": `${text}\n` };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

async function seedRights(write: Writer): Promise<void> {
  const verbs = ["get", "list"];
  const core = [
    "pods",
    "configmaps",
    "services",
    "persistentvolumeclaims",
    "persistentvolumes",
    "nodes",
    "namespaces",
  ];
  const rules = [
    { apiGroups: [""], resources: core, verbs },
    { apiGroups: ["apps", "batch", "networking.k8s.io"], resources: ["*"], verbs },
  ];
  const RBAC = "/apis/rbac.authorization.k8s.io/v1";
  await write.create(RBAC, "clusterroles", {
    kind: "ClusterRole",
    metadata: { name: "all-but-secrets" },
    rules,
  });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "all-but-secrets" };
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "partial" }];
  await write.create(RBAC, "clusterrolebindings", {
    kind: "ClusterRoleBinding",
    metadata: { name: "partial" },
    roleRef,
    subjects,
  });
}
