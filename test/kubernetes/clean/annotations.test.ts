import { describe, expect, it } from "vitest";
import { cleanedMetadata, keptAnnotations } from "../../../src/kubernetes/clean/annotations.ts";

describe("annotations", () => {
  it.each([
    "kubectl.kubernetes.io/last-applied-configuration",
    "metacontroller.k8s.io/last-applied-configuration",
    "banzaicloud.com/last-applied",
    "kopf.zalando.org/last-handled-configuration",
    "kapp.k14s.io/original",
    "kapp.k14s.io/original-diff-full",
    "objectset.rio.cattle.io/applied",
    "openshift.io/token-secret.value",
    "control-plane.alpha.kubernetes.io/leader",
  ])("that can carry values, or change by themselves, are dropped: %s", (name) => {
    expect(keptAnnotations({ [name]: "H4sIAAAA", note: "hello" })).toEqual({ note: "hello" });
  });

  it.each(["data", "stringData", "binaryData", "env"])(
    "that hold a copy of the object's %s are dropped",
    (field) => {
      const copy = ` ${JSON.stringify({ kind: "Secret", [field]: { password: "s3cret" } }, null, 1)}`;
      expect(keptAnnotations({ "vendor.example.com/whatever": copy })).toEqual({});
    },
  );

  it("that merely look technical are kept", () => {
    const kept = {
      "deployment.kubernetes.io/revision": "3",
      "example.com/networks": '{"name":"metadata"}',
      "example.com/last-applied-hash": "abc",
      "example.com/note": 'the "data": in question',
    };
    expect(keptAnnotations(kept)).toEqual(kept);
  });
});

describe("metadata", () => {
  it("loses what the server's bookkeeping changes, and annotations that are all dropped", () => {
    const metadata = {
      name: "a",
      uid: "1",
      labels: { app: "a" },
      managedFields: [{ manager: "x" }],
      resourceVersion: "5",
      generation: 2,
      selfLink: "/a",
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    };
    expect(cleanedMetadata(metadata)).toEqual({ name: "a", uid: "1", labels: { app: "a" } });
  });
});
