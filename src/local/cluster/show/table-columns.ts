import type { Json, JsonObject } from "../../../core/json.ts";
import {
  accessModes,
  ageOf,
  at,
  type Cell,
  claimOf,
  count,
  joined,
  keys,
  labels,
  nodeAddress,
  nodeReady,
  podReady,
  podRestarts,
  podStatus,
  ratio,
  servicePorts,
  shown,
} from "./table-cells.ts";

/** One column of what `kubectl get` prints. Priority 1 is for `-o wide`. */
export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean";
  readonly priority: 0 | 1;
  readonly description: string;
  /** `now` is in seconds since the cluster was generated. */
  readonly cell: (document: JsonObject, now: number) => Json;
}

function text(name: string, cell: Column["cell"], priority: 0 | 1 = 0): Column {
  return { name, type: "string", priority, description: `${name} of the object.`, cell };
}

function integer(name: string, cell: Cell): Column {
  return { ...text(name, cell), type: "integer" };
}

const NAME: Column = text("Name", shown("metadata.name", ""));
const AGE: Column = text("Age", ageOf);

function templateColumns(template: string): readonly Column[] {
  const containers = `${template}.spec.containers`;
  return [text("Containers", joined(containers, "name"), 1), text("Images", joined(containers, "image"), 1)];
}

const TEMPLATE = templateColumns("spec.template");
const WORKLOAD = [...TEMPLATE, text("Selector", labels("spec.selector.matchLabels"), 1)];

/** The columns of a real server 1.35, by resource. */
export const TABLES: Readonly<Record<string, readonly Column[]>> = {
  pods: [
    NAME,
    text("Ready", podReady),
    text("Status", podStatus),
    text("Restarts", podRestarts),
    AGE,
    text("IP", shown("status.podIP"), 1),
    text("Node", shown("spec.nodeName"), 1),
    text("Nominated Node", shown("status.nominatedNodeName"), 1),
    text("Readiness Gates", () => "<none>", 1),
  ],
  replicasets: [
    NAME,
    integer("Desired", count("spec.replicas")),
    integer("Current", count("status.replicas")),
    integer("Ready", count("status.readyReplicas")),
    AGE,
    ...WORKLOAD,
  ],
  configmaps: [NAME, text("Data", keys("data", "binaryData")), AGE],
  secrets: [NAME, text("Type", shown("type")), text("Data", keys("data")), AGE],
  jobs: [
    NAME,
    text("Status", () => "Complete"),
    text("Completions", ratio("status.succeeded", "spec.completions")),
    text("Duration", () => "65s"),
    AGE,
    ...WORKLOAD,
  ],
  deployments: [
    NAME,
    text("Ready", ratio("status.readyReplicas", "spec.replicas")),
    text("Up-to-date", count("status.updatedReplicas")),
    text("Available", count("status.availableReplicas")),
    AGE,
    ...WORKLOAD,
  ],
  services: [
    NAME,
    text("Type", shown("spec.type")),
    text("Cluster-IP", shown("spec.clusterIP")),
    text("External-IP", () => "<none>"),
    text("Port(s)", servicePorts),
    AGE,
    text("Selector", labels("spec.selector"), 1),
  ],
  ingresses: [
    NAME,
    text("Class", shown("spec.ingressClassName")),
    text("Hosts", joined("spec.rules", "host")),
    text("Address", joined("status.loadBalancer.ingress", "ip")),
    text("Ports", (document) => (at(document, "spec.tls") === undefined ? "80" : "80, 443")),
    AGE,
  ],
  statefulsets: [NAME, text("Ready", ratio("status.readyReplicas", "spec.replicas")), AGE, ...TEMPLATE],
  daemonsets: [
    NAME,
    integer("Desired", count("status.desiredNumberScheduled")),
    integer("Current", count("status.currentNumberScheduled")),
    integer("Ready", count("status.numberReady")),
    integer("Up-to-date", count("status.updatedNumberScheduled")),
    integer("Available", count("status.numberAvailable")),
    text("Node Selector", () => "<none>"),
    AGE,
    ...WORKLOAD,
  ],
  cronjobs: [
    NAME,
    text("Schedule", shown("spec.schedule")),
    text("Timezone", shown("spec.timeZone")),
    {
      ...text("Suspend", (document) => (at(document, "spec.suspend") === true ? "True" : "False")),
      type: "boolean",
    },
    integer("Active", () => 0),
    text("Last Schedule", () => "60m"),
    AGE,
    ...templateColumns("spec.jobTemplate.spec.template"),
    text("Selector", () => "<none>", 1),
  ],
  persistentvolumeclaims: [
    NAME,
    text("Status", shown("status.phase")),
    text("Volume", shown("spec.volumeName", "")),
    text("Capacity", shown("status.capacity.storage", "")),
    text("Access Modes", (document) =>
      at(document, "spec.volumeName") === undefined ? "" : accessModes(document),
    ),
    text("StorageClass", shown("spec.storageClassName", "")),
    text("VolumeAttributesClass", () => "<unset>"),
    AGE,
    text("VolumeMode", shown("spec.volumeMode"), 1),
  ],
  persistentvolumes: [
    NAME,
    text("Capacity", shown("spec.capacity.storage")),
    text("Access Modes", accessModes),
    text("Reclaim Policy", shown("spec.persistentVolumeReclaimPolicy")),
    text("Status", shown("status.phase")),
    text("Claim", claimOf),
    text("StorageClass", shown("spec.storageClassName", "")),
    text("VolumeAttributesClass", () => "<unset>"),
    text("Reason", shown("status.reason", "")),
    AGE,
    text("VolumeMode", shown("spec.volumeMode"), 1),
  ],
  nodes: [
    NAME,
    text("Status", nodeReady),
    text("Roles", () => "<none>"),
    AGE,
    text("Version", shown("status.nodeInfo.kubeletVersion", "")),
    text("Internal-IP", nodeAddress, 1),
    text("External-IP", () => "<none>", 1),
    text("OS-Image", shown("status.nodeInfo.osImage", "<unknown>"), 1),
    text("Kernel-Version", shown("status.nodeInfo.kernelVersion", "<unknown>"), 1),
    text("Container-Runtime", shown("status.nodeInfo.containerRuntimeVersion", "<unknown>"), 1),
  ],
  namespaces: [NAME, text("Status", shown("status.phase")), AGE],
};
