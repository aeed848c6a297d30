import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/json.ts";
import { podSummary } from "../../../../src/streams/cluster-info/summary/pod.ts";

function ownedBy(owner: JsonObject, labels: JsonObject): unknown {
  return podSummary({ metadata: { name: "p", labels, ownerReferences: [owner] } })["deployment_name"];
}

const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d8f6c7b9", controller: true };

describe("podSummary", () => {
  it("has the collector's fields", () => {
    const document = {
      metadata: {
        name: "web-1",
        namespace: "shop",
        creationTimestamp: "2026-01-02T03:04:05Z",
        labels: { app: "web" },
      },
      spec: { nodeName: "node-0", containers: [{ name: "web", resources: { limits: { cpu: "500m" } } }] },
      status: {
        phase: "Running",
        podIP: "10.0.0.7",
        hostIP: "192.168.1.4",
        containerStatuses: [
          { name: "web", ready: true, restartCount: 2, image: "web:1", state: { running: {} } },
        ],
      },
    };
    expect(podSummary(document)).toEqual({
      name: "web-1",
      namespace: "shop",
      created_time: "2026-01-02T03:04:05Z",
      deployment_name: "",
      phase: "Running",
      node_name: "node-0",
      pod_ip: "10.0.0.7",
      host_ip: "192.168.1.4",
      restart_count: 2,
      cpu_request: "",
      cpu_limit: "500m",
      memory_request: "",
      memory_limit: "",
      storage_request: "",
      container_statuses: [{ name: "web", ready: true, restart_count: 2, image: "web:1", state: "running" }],
      labels: { app: "web" },
      annotations: {},
    });
  });

  it("names the Deployment, not its ReplicaSet", () => {
    expect(ownedBy(owner, { "pod-template-hash": "5d8f6c7b9" })).toBe("web");
    expect(ownedBy({ ...owner, name: "my-web-app-5d8f6c7b9" }, { "pod-template-hash": "5d8f6c7b9" })).toBe(
      "my-web-app",
    );
  });

  it.each<[string, JsonObject, JsonObject]>([
    ["a ReplicaSet made by hand", owner, {}],
    ["a hash that is not the ReplicaSet's", owner, { "pod-template-hash": "77777" }],
    ["another kind of owner", { ...owner, kind: "StatefulSet" }, { "pod-template-hash": "5d8f6c7b9" }],
    [
      "an owner that does not control it",
      { ...owner, controller: false },
      { "pod-template-hash": "5d8f6c7b9" },
    ],
    ["a hash that is empty", { ...owner, name: "web-" }, { "pod-template-hash": "" }],
  ])("names no Deployment for %s", (_, reference, labels) => {
    expect(ownedBy(reference, labels)).toBe("");
  });

  it("counts the restarts of all containers, also of those that prepare the pod", () => {
    const status = {
      initContainerStatuses: [{ restartCount: 5 }],
      containerStatuses: [{ restartCount: 1 }, { restartCount: 2 }, { restartCount: "many" }],
    };
    expect(podSummary({ status })["restart_count"]).toBe(8);
  });

  it("keeps the restarts within PostgreSQL's integer", () => {
    const containerStatuses = [{ restartCount: 2_147_483_647 }, { restartCount: 2_147_483_647 }];
    expect(podSummary({ status: { containerStatuses } })["restart_count"]).toBe(2_147_483_647);
  });

  it("tells the state of each container", () => {
    const states = [{ running: {} }, { waiting: {} }, { terminated: { exitCode: 1 } }, {}, null];
    const containerStatuses = states.map((state) => ({ name: "c", state }));
    expect(podSummary({ status: { containerStatuses } })["container_statuses"]).toMatchObject([
      { state: "running" },
      { state: "waiting" },
      { state: "terminated" },
      { state: "unknown" },
      { state: "unknown" },
    ]);
  });
});
