import type { Json, JsonObject } from "../../../core/json.ts";
import { isoTime } from "./clock.ts";
import type { Draft } from "./draft.ts";
import type { Layout } from "./layout.ts";
import { SYSTEM_NAMESPACES } from "./plan.ts";
import { nodeAddress } from "./pod-status.ts";

export function draftNamespace(layout: Layout, index: number): Draft {
  const identity = layout.namespace(index);
  const isSystem = index < SYSTEM_NAMESPACES;
  const team = isSystem ? {} : { team: identity.name.slice(0, identity.name.indexOf("-")) };
  return {
    identity,
    apiVersion: "v1",
    labels: { "kubernetes.io/metadata.name": identity.name, ...team },
    authors: [{ manager: isSystem ? "kube-apiserver" : "kubectl-create", at: identity.created }],
    body: { spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } },
  };
}

export function draftNode(layout: Layout, index: number): Draft {
  const identity = layout.node(index);
  const zone = `eu-central-1${"abc"[index % 3] ?? "a"}`;
  const podCIDR = `10.${64 + ((index >> 8) & 63)}.${index & 255}.0/24`;
  return {
    identity,
    apiVersion: "v1",
    labels: {
      "beta.kubernetes.io/arch": "amd64",
      "kubernetes.io/arch": "amd64",
      "kubernetes.io/hostname": identity.name,
      "kubernetes.io/os": "linux",
      "node.kubernetes.io/instance-type": layout.dice.one(
        ["m7.2xlarge", "m7.4xlarge", "r7.2xlarge"],
        `size ${index}`,
      ),
      "topology.kubernetes.io/region": "eu-central-1",
      "topology.kubernetes.io/zone": zone,
    },
    annotations: { "node.alpha.kubernetes.io/ttl": "0" },
    authors: [
      { manager: "kubelet", at: identity.created },
      { manager: "kubelet", at: -30, subresource: "status" },
    ],
    body: {
      spec: { podCIDR, podCIDRs: [podCIDR], providerID: `example:///${zone}/${identity.name}` },
      status: nodeStatus(layout, index),
    },
  };
}

function nodeStatus(layout: Layout, index: number): JsonObject {
  const { dice } = layout;
  const { name, created } = layout.node(index);
  const cpus = dice.one([8, 16], `cpus ${index}`);
  const kibibytes = cpus * 4 * 1024 * 1024 - dice.below(400_000, `firmware ${index}`);
  const disk = 104_845_292;
  return {
    capacity: amounts(String(cpus), `${kibibytes}Ki`, `${disk}Ki`),
    allocatable: amounts(
      `${cpus * 1000 - 80}m`,
      `${kibibytes - 1_100_000}Ki`,
      String(Math.round(disk * 1024 * 0.9)),
    ),
    conditions: nodeConditions(created, dice.fraction(`ready ${index}`) < 0.98 ? "True" : "Unknown"),
    addresses: [
      { type: "InternalIP", address: nodeAddress(index) },
      { type: "Hostname", address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: dice.hex(32, `machine ${index}`),
      systemUUID: dice.uuid(`system ${index}`),
      bootID: dice.uuid(`boot ${index}`),
      kernelVersion: "6.12.48-cloud-amd64",
      osImage: "Debian GNU/Linux 13 (trixie)",
      containerRuntimeVersion: "containerd://2.1.4",
      kubeletVersion: "v1.35.4",
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: "amd64",
    },
    images: Array.from({ length: 8 }, (_, at) => image(layout, index, at)),
  };
}

function amounts(cpu: string, memory: string, storage: string): JsonObject {
  return { cpu, "ephemeral-storage": storage, "hugepages-2Mi": "0", memory, pods: "110" };
}

function nodeConditions(created: number, ready: "True" | "Unknown"): readonly Json[] {
  const entries = [
    ["MemoryPressure", "False", "KubeletHasSufficientMemory"],
    ["DiskPressure", "False", "KubeletHasNoDiskPressure"],
    ["PIDPressure", "False", "KubeletHasSufficientPID"],
    ["Ready", ready, ready === "True" ? "KubeletReady" : "NodeStatusUnknown"],
  ];
  return entries.map(([type = "", status = "", reason = ""]) => ({
    type,
    status,
    lastHeartbeatTime: isoTime(-30),
    lastTransitionTime: isoTime(created + 20),
    reason,
    message: "",
  }));
}

function image(layout: Layout, node: number, at: number): JsonObject {
  const name = layout.deployment(layout.dice.below(layout.plan.deployments, `image ${node} ${at}`)).name;
  const repository = `registry.example.com/apps/${name}`;
  const digest = layout.dice.hex(64, `digest ${name}`);
  const sizeBytes = 20_000_000 + layout.dice.below(400_000_000, `size ${name}`);
  return { names: [`${repository}@sha256:${digest}`, `${repository}:latest`], sizeBytes };
}
