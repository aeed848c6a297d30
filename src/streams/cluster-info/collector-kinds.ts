import * as z from "zod";
import { nameText, namespaceText } from "./limits.ts";
import { isTimestamp } from "../reading/timestamp.ts";

/** One of the nine arrays of a collector's snapshot. */
export interface CollectorKind {
  /** Its name in the message. */
  readonly field: string;
  readonly group: string;
  /** Plural name in the API's paths. */
  readonly resource: string;
  readonly kind: string;
  /** What its objects must be; a field that is not named is kept as it is. */
  readonly objects: z.ZodType;
  /** Fields that are lists, beside the maps `labels` and `annotations`. */
  readonly lists: readonly string[];
}

// Go leaves a field out or writes null where we write "", [] or {}, so everything but the identity may be absent
const text = z.string().nullish();
const whole = z.int32().nullish();
const flag = z.boolean().nullish();
const texts = z.array(z.string()).nullish();
const textMap = z.record(z.string(), z.string()).nullish();
const values = z.record(z.string(), z.unknown()).nullish();
const list = (fields: z.ZodRawShape): z.ZodType => z.array(z.looseObject(fields)).nullish();

const always = {
  name: nameText,
  namespace: namespaceText.nullish(),
  created_time: z.string().refine(isTimestamp, "expected a time such as 2026-01-31T10:00:00Z"),
  labels: textMap,
  annotations: textMap,
};

function objectsWith(fields: z.ZodRawShape): z.ZodType {
  return z.array(z.looseObject({ ...always, ...fields })).nullable();
}

const deployments: CollectorKind = {
  field: "deployments",
  group: "apps",
  resource: "deployments",
  kind: "Deployment",
  objects: objectsWith({
    replicas: whole,
    ready_replicas: whole,
    updated_replicas: whole,
    conditions: list({ type: text, status: text }),
  }),
  lists: ["conditions"],
};

const pods: CollectorKind = {
  field: "pods",
  group: "",
  resource: "pods",
  kind: "Pod",
  objects: objectsWith({
    deployment_name: text,
    phase: text,
    node_name: text,
    restart_count: whole,
    cpu_request: text,
    cpu_limit: text,
    memory_request: text,
    memory_limit: text,
    storage_request: text,
    container_statuses: list({ name: text, ready: flag, restart_count: whole, image: text, state: text }),
  }),
  lists: ["container_statuses"],
};

const nodes: CollectorKind = {
  field: "nodes",
  group: "",
  resource: "nodes",
  kind: "Node",
  objects: objectsWith({
    ready: flag,
    cpu_capacity: text,
    memory_capacity: text,
    storage_capacity: text,
    cpu_allocatable: text,
    memory_allocatable: text,
    storage_allocatable: text,
    os_image: text,
    kernel_version: text,
    kubelet_version: text,
  }),
  lists: [],
};

const services: CollectorKind = {
  field: "services",
  group: "",
  resource: "services",
  kind: "Service",
  objects: objectsWith({
    type: text,
    cluster_ip: text,
    external_ips: texts,
    ports: list({ name: text, protocol: text, port: whole, target_port: text, node_port: whole }),
    selector: textMap,
  }),
  lists: ["external_ips", "ports"],
};

const ingresses: CollectorKind = {
  field: "ingresses",
  group: "networking.k8s.io",
  resource: "ingresses",
  kind: "Ingress",
  objects: objectsWith({
    hosts: texts,
    paths: list({ path: text, path_type: text, service_name: text, service_port: whole }),
    tls: list({ hosts: texts, secret_name: text }),
  }),
  lists: ["hosts", "paths", "tls"],
};

const configMaps: CollectorKind = {
  field: "configmaps",
  group: "",
  resource: "configmaps",
  kind: "ConfigMap",
  objects: objectsWith({ data: values, binary_data: values, data_keys: texts, binary_data_keys: texts }),
  lists: ["data_keys", "binary_data_keys"],
};

const secrets: CollectorKind = {
  field: "secrets",
  group: "",
  resource: "secrets",
  kind: "Secret",
  objects: objectsWith({ type: text, data: values, data_keys: texts }),
  lists: ["data_keys"],
};

const persistentVolumes: CollectorKind = {
  field: "persistent_volumes",
  group: "",
  resource: "persistentvolumes",
  kind: "PersistentVolume",
  objects: objectsWith({
    capacity: text,
    access_modes: texts,
    reclaim_policy: text,
    storage_class: text,
    status: text,
    volume_source: text,
  }),
  lists: ["access_modes"],
};

const persistentVolumeClaims: CollectorKind = {
  field: "persistent_volume_claims",
  group: "",
  resource: "persistentvolumeclaims",
  kind: "PersistentVolumeClaim",
  objects: objectsWith({
    requested_size: text,
    access_modes: texts,
    storage_class: text,
    status: text,
    volume_name: text,
  }),
  lists: ["access_modes"],
};

/** In the order in which the collector reads them. */
export const COLLECTOR_KINDS: readonly CollectorKind[] = [
  deployments,
  pods,
  nodes,
  services,
  ingresses,
  configMaps,
  secrets,
  persistentVolumes,
  persistentVolumeClaims,
];
