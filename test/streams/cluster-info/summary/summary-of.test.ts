import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/json.ts";
import { KINDS } from "../../../../src/streams/cluster-info/kinds.ts";
import { summaryOf } from "../../../../src/streams/cluster-info/summary/summary-of.ts";

const metadata = {
  name: "web",
  namespace: "shop",
  uid: "u-1",
  creationTimestamp: "2026-01-02T03:04:05Z",
  labels: { app: "web" },
  annotations: { note: "n" },
};
const named = { name: "web", namespace: "shop", created_time: "2026-01-02T03:04:05Z" };
const clusterScoped = { name: "web", created_time: "2026-01-02T03:04:05Z" };
const labelled = { labels: { app: "web" }, annotations: { note: "n" } };

function summary(resource: string, document: JsonObject): JsonObject | null {
  const kind = KINDS.find((known) => known.resource === resource);
  return summaryOf(kind!, { metadata, ...document });
}

describe("summaryOf a Deployment", () => {
  it("has the collector's fields", () => {
    const conditions = [{ type: "Available", status: "True", lastUpdateTime: "t", lastTransitionTime: "t" }];
    const status = { readyReplicas: 2, updatedReplicas: 3, conditions };
    expect(summary("deployments", { spec: { replicas: 4 }, status })).toEqual({
      ...named,
      replicas: 4,
      ready_replicas: 2,
      updated_replicas: 3,
      conditions,
      ...labelled,
    });
  });

  it("tells no replicas from none mentioned, for which Kubernetes takes one", () => {
    expect(summary("deployments", { spec: { replicas: 0 } })).toMatchObject({
      replicas: 0,
      ready_replicas: 0,
    });
    expect(summary("deployments", { spec: {} })).toMatchObject({ replicas: 1, conditions: [] });
  });
});

describe("summaryOf a Node", () => {
  it("has the collector's fields, with the disk from ephemeral-storage", () => {
    const amounts = { cpu: "8", memory: "32Gi", "ephemeral-storage": "100Gi", storage: "1" };
    const status = {
      capacity: amounts,
      allocatable: { ...amounts, cpu: "7500m" },
      conditions: [
        { type: "MemoryPressure", status: "False" },
        { type: "Ready", status: "True" },
      ],
      nodeInfo: { osImage: "Debian", kernelVersion: "6.1", kubeletVersion: "v1.35.0" },
    };
    expect(summary("nodes", { status })).toEqual({
      ...clusterScoped,
      ready: true,
      cpu_capacity: "8",
      memory_capacity: "32Gi",
      storage_capacity: "100Gi",
      cpu_allocatable: "7500m",
      memory_allocatable: "32Gi",
      storage_allocatable: "100Gi",
      os_image: "Debian",
      kernel_version: "6.1",
      kubelet_version: "v1.35.0",
      ...labelled,
    });
  });

  it.each(["False", "Unknown", true])("is not ready when the condition is %s", (status) => {
    expect(summary("nodes", { status: { conditions: [{ type: "Ready", status }] } })).toMatchObject({
      ready: false,
    });
  });
});

describe("summaryOf a Service", () => {
  it("has the collector's fields, and the load balancer's addresses", () => {
    const spec = {
      type: "LoadBalancer",
      clusterIP: "10.96.0.7",
      externalIPs: ["1.2.3.4"],
      selector: { app: "web" },
      ports: [
        { name: "http", protocol: "TCP", port: 80, targetPort: 8080, nodePort: 30080 },
        { name: "grpc", protocol: "TCP", port: 90, targetPort: "grpc" },
      ],
    };
    const status = { loadBalancer: { ingress: [{ ip: "5.6.7.8" }, { hostname: "lb.example.com" }, {}] } };
    expect(summary("services", { spec, status })).toEqual({
      ...named,
      type: "LoadBalancer",
      cluster_ip: "10.96.0.7",
      external_ips: ["1.2.3.4"],
      load_balancer: ["5.6.7.8", "lb.example.com"],
      ports: [
        { name: "http", protocol: "TCP", port: 80, target_port: "8080", node_port: 30080 },
        { name: "grpc", protocol: "TCP", port: 90, target_port: "grpc" },
      ],
      selector: { app: "web" },
      ...labelled,
    });
  });

  it("has empty lists and maps where nothing is said", () => {
    expect(summary("services", { metadata: { name: "s" } })).toEqual({
      name: "s",
      namespace: "",
      created_time: null,
      type: "",
      cluster_ip: "",
      external_ips: [],
      load_balancer: [],
      ports: [],
      selector: {},
      labels: {},
      annotations: {},
    });
  });
});

describe("summaryOf an Ingress", () => {
  const backend = (port: JsonObject): JsonObject => ({ service: { name: "web", port } });

  it("keeps which host a path belongs to, the names of ports and the default backend", () => {
    const spec = {
      defaultBackend: backend({ number: 8080 }),
      rules: [
        {
          host: "a.example.com",
          http: { paths: [{ path: "/", pathType: "Prefix", backend: backend({ number: 80 }) }] },
        },
        {
          host: "a.example.com",
          http: { paths: [{ path: "/x", pathType: "Exact", backend: backend({ name: "web" }) }] },
        },
        { http: { paths: [{ pathType: "Prefix", backend: { resource: { kind: "Bucket", name: "b" } } }] } },
        { host: "b.example.com" },
      ],
      tls: [{ hosts: ["a.example.com"], secretName: "cert" }, {}],
    };
    expect(summary("ingresses", { spec })).toEqual({
      ...named,
      hosts: ["a.example.com", "b.example.com"],
      paths: [
        path("a.example.com", "/", "Prefix", "web", 80, ""),
        path("a.example.com", "/x", "Exact", "web", 0, "web"),
        path("", "", "Prefix", "", 0, ""),
        path("", "", "", "web", 8080, ""),
      ],
      tls: [
        { hosts: ["a.example.com"], secret_name: "cert" },
        { hosts: [], secret_name: "" },
      ],
      ...labelled,
    });
  });

  function path(
    host: string,
    at: string,
    type: string,
    service: string,
    port: number,
    portName: string,
  ): JsonObject {
    const target = { service_name: service, service_port: port, service_port_name: portName };
    return { host, path: at, path_type: type, ...target };
  }
});

describe("summaryOf ConfigMaps and Secrets", () => {
  it("has the names of the keys", () => {
    const keys = { dataKeys: ["a", "b"], dataCount: 3 };
    expect(summary("configmaps", { ...keys, binaryDataKeys: ["c"] })).toEqual({
      ...named,
      data_keys: ["a", "b"],
      binary_data_keys: ["c"],
      data_count: 3,
      ...labelled,
    });
    expect(summary("secrets", { ...keys, type: "Opaque" })).toEqual({
      ...named,
      type: "Opaque",
      data_keys: ["a", "b"],
      data_count: 3,
      ...labelled,
    });
  });

  it("tells keys that are unknown from a holder without keys", () => {
    expect(summary("secrets", { dataKeys: null, dataCount: 2 })).toMatchObject({
      data_keys: null,
      data_count: 2,
    });
    expect(summary("secrets", { dataKeys: [], dataCount: 0 })).toMatchObject({
      data_keys: [],
      data_count: 0,
    });
    expect(summary("configmaps", {})).toMatchObject({
      data_keys: null,
      binary_data_keys: null,
      data_count: null,
    });
  });
});

describe("summaryOf volumes", () => {
  const modes = { accessModes: ["ReadWriteOnce"], volumeMode: "Filesystem", storageClassName: "standard" };

  it("has the collector's fields of a PersistentVolume", () => {
    const spec = {
      ...modes,
      capacity: { storage: "10Gi" },
      persistentVolumeReclaimPolicy: "Retain",
      claimRef: { namespace: "shop", name: "data" },
      hostPath: { path: "/d" },
    };
    expect(summary("persistentvolumes", { spec, status: { phase: "Bound" } })).toEqual({
      ...clusterScoped,
      capacity: "10Gi",
      access_modes: ["ReadWriteOnce"],
      reclaim_policy: "Retain",
      storage_class: "standard",
      volume_mode: "Filesystem",
      status: "Bound",
      claim_ref: "shop/data",
      volume_source: "hostPath",
      ...labelled,
    });
  });

  it.each(["hostPath", "nfs", "awsElasticBlockStore", "gcePersistentDisk"])(
    "names the source %s",
    (source) => {
      expect(summary("persistentvolumes", { spec: { [source]: {} } })).toMatchObject({
        volume_source: source,
      });
    },
  );

  it("calls every other source other, and leaves out a claim that is not there", () => {
    const volume = summary("persistentvolumes", { spec: { csi: {} } });
    expect(volume).toMatchObject({ volume_source: "other" });
    expect(volume).not.toHaveProperty("claim_ref");
  });

  it("has the collector's fields of a PersistentVolumeClaim", () => {
    const spec = { ...modes, resources: { requests: { storage: "10Gi" } }, volumeName: "pv-0" };
    expect(summary("persistentvolumeclaims", { spec, status: { phase: "Bound" } })).toEqual({
      ...named,
      requested_size: "10Gi",
      access_modes: ["ReadWriteOnce"],
      storage_class: "standard",
      volume_mode: "Filesystem",
      status: "Bound",
      volume_name: "pv-0",
      ...labelled,
    });
    const unbound = summary("persistentvolumeclaims", {});
    expect(unbound).not.toHaveProperty("volume_name");
    expect(unbound).not.toHaveProperty("storage_class");
  });
});

describe("summaryOf anything", () => {
  it("is null for the kinds that the collector does not have", () => {
    const without = KINDS.filter((kind) => summaryOf(kind, { metadata }) === null).map(
      ({ resource }) => resource,
    );
    expect(without).toEqual(["replicasets", "jobs", "statefulsets", "daemonsets", "cronjobs", "namespaces"]);
    expect(summaryOf({ group: "example.com", resource: "pods" }, { metadata })).toBeNull();
  });

  it("never throws, whatever the fields of a document hold", () => {
    const any = fc.jsonValue() as fc.Arbitrary<JsonObject[string]>;
    const fields = fc.dictionary(
      fc.constantFrom(
        "replicas",
        "containers",
        "initContainers",
        "resources",
        "ports",
        "rules",
        "tls",
        "capacity",
      ),
      fc.oneof(any, fc.array(fc.record({ resources: any, http: any, backend: any, requests: any }))),
    );
    const document = fc.record({ metadata: fc.oneof(any, fields), spec: fc.oneof(any, fields), status: any });
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), document, (kind, value) => {
        const made = summaryOf(kind, value);
        expect(JSON.parse(JSON.stringify(made))).toEqual(JSON.parse(JSON.stringify(made)));
      }),
      { numRuns: 500 },
    );
  });
});
