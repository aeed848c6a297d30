import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/json.ts";
import { resourcesOf } from "../../../../src/streams/cluster-info/summary/pod-resources.ts";

function container(cpu?: string, memory?: string, more: JsonObject = {}): JsonObject {
  const requests = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  return { name: "c", resources: { requests }, ...more };
}

const SIDECAR = { restartPolicy: "Always" };

describe("resourcesOf", () => {
  it("adds the containers up, not taking the last one's for all", () => {
    const spec = {
      containers: [container("100m", "64Mi"), container("150m", "192Mi"), container("1750m", "768Mi")],
    };
    expect(resourcesOf(spec)).toMatchObject({ cpu_request: "2", memory_request: "1Gi" });
  });

  it("says nothing where nothing is set, and 0 where 0 is set", () => {
    const spec = { containers: [container("0"), container()] };
    expect(resourcesOf(spec)).toEqual({
      cpu_request: "0",
      cpu_limit: "",
      memory_request: "",
      memory_limit: "",
      storage_request: "",
    });
  });

  it("reads storage from ephemeral-storage", () => {
    const requests = { "ephemeral-storage": "1Gi", storage: "5Gi" };
    expect(resourcesOf({ containers: [{ resources: { requests } }] })).toMatchObject({
      storage_request: "1Gi",
    });
  });

  it("takes the largest init container where it needs more than all containers together", () => {
    const spec = {
      initContainers: [container("2"), container("3")],
      containers: [container("1"), container("1")],
    };
    expect(resourcesOf(spec)).toMatchObject({ cpu_request: "3" });
    expect(resourcesOf({ ...spec, initContainers: [container("1500m")] })).toMatchObject({
      cpu_request: "2",
    });
  });

  it("judges each resource by itself", () => {
    const spec = { initContainers: [container("2", "32Mi")], containers: [container("1", "64Mi")] };
    expect(resourcesOf(spec)).toMatchObject({ cpu_request: "2", memory_request: "64Mi" });
  });

  it("counts a sidecar with the containers, as it goes on running", () => {
    const spec = { initContainers: [container("500m", undefined, SIDECAR)], containers: [container("1")] };
    expect(resourcesOf(spec)).toMatchObject({ cpu_request: "1500m" });
  });

  it("counts a sidecar beside the init containers that come after it, not before", () => {
    const sidecar = container("500m", undefined, SIDECAR);
    const containers = [container("100m")];
    expect(resourcesOf({ initContainers: [sidecar, container("2")], containers })).toMatchObject({
      cpu_request: "2500m",
    });
    expect(resourcesOf({ initContainers: [container("2"), sidecar], containers })).toMatchObject({
      cpu_request: "2",
    });
  });

  it("adds the runtime's overhead to requests, and to a limit only where there is one", () => {
    const resources = { requests: { cpu: "1" }, limits: { memory: "1Gi" } };
    const spec = { overhead: { cpu: "250m", memory: "128Mi" }, containers: [{ resources }] };
    expect(resourcesOf(spec)).toMatchObject({
      cpu_request: "1250m",
      cpu_limit: "",
      memory_request: "128Mi",
      memory_limit: "1152Mi",
    });
  });

  it("adds no overhead to a limit of zero, which is none", () => {
    const spec = { overhead: { cpu: "250m" }, containers: [{ resources: { limits: { cpu: "0" } } }] };
    expect(resourcesOf(spec)).toMatchObject({ cpu_request: "250m", cpu_limit: "0" });
  });

  it("lets the pod's own amounts stand for all its containers", () => {
    const spec = { resources: { requests: { cpu: "4" } }, containers: [container("1", "64Mi")] };
    expect(resourcesOf(spec)).toMatchObject({ cpu_request: "4", memory_request: "64Mi" });
  });

  it("passes over what is no quantity", () => {
    const spec = { containers: [container("1e3Ki"), container("1"), { resources: "many" }, null, 7] };
    expect(resourcesOf(spec)).toMatchObject({ cpu_request: "1" });
    expect(resourcesOf({ containers: "none" })).toMatchObject({ cpu_request: "" });
  });
});
