import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { cleanedDocument } from "../../../src/kubernetes/clean/redact.ts";
import { type KindRef, KINDS } from "../../../src/streams/cluster-info/kinds.ts";

function kindOf(kind: string): KindRef {
  return KINDS.find((known) => known.kind === kind)!;
}

const LAST_APPLIED = { "kubectl.kubernetes.io/last-applied-configuration": "{}" };

function podSpec(): JsonObject {
  const env = [
    { name: "PASSWORD", value: "s3cret" },
    { name: "EMPTY" },
    { name: "FROM", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
  ];
  const container = (name: string): JsonObject => ({ name, image: "nginx:1.27", env });
  return {
    nodeName: "node-0",
    containers: [container("main"), { name: "bare", image: "busybox" }],
    initContainers: [container("init")],
    ephemeralContainers: [container("debug")],
  };
}

const CLEAN_ENV = [
  { name: "PASSWORD", redacted: true },
  { name: "EMPTY" },
  { name: "FROM", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
];
const CLEAN_POD_SPEC = {
  nodeName: "node-0",
  containers: [
    { name: "main", image: "nginx:1.27", env: CLEAN_ENV },
    { name: "bare", image: "busybox" },
  ],
  initContainers: [{ name: "init", image: "nginx:1.27", env: CLEAN_ENV }],
  ephemeralContainers: [{ name: "debug", image: "nginx:1.27", env: CLEAN_ENV }],
};

describe("a document", () => {
  it("is told apart by apiVersion and kind, which list items lack", () => {
    const item = { metadata: { name: "a", uid: "1" } };
    expect(cleanedDocument(item, kindOf("Deployment"))).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "a", uid: "1" },
    });
    expect(cleanedDocument(item, kindOf("Pod"))["apiVersion"]).toBe("v1");
  });

  it("has nothing besides metadata, spec and status", () => {
    const item = { metadata: {}, data: { a: "s3cret" }, extra: 1 };
    expect(cleanedDocument(item, kindOf("Node"))).toEqual({ apiVersion: "v1", kind: "Node", metadata: {} });
  });

  it("of a pod keeps the names and sources of variables, not their values, in all three lists of containers", () => {
    expect(cleanedDocument({ metadata: {}, spec: podSpec() }, kindOf("Pod"))["spec"]).toEqual(CLEAN_POD_SPEC);
  });

  it.each(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"])(
    "of a %s has its pod template cleaned",
    (kind) => {
      const template = { metadata: { labels: { app: "a" }, annotations: LAST_APPLIED }, spec: podSpec() };
      const document = cleanedDocument({ metadata: {}, spec: { replicas: 3, template } }, kindOf(kind));
      expect(document["spec"]).toEqual({
        replicas: 3,
        template: { metadata: { labels: { app: "a" } }, spec: CLEAN_POD_SPEC },
      });
    },
  );

  it("of a CronJob has its job template cleaned, down to the containers", () => {
    const template = { metadata: { annotations: LAST_APPLIED }, spec: podSpec() };
    const jobTemplate = { metadata: { annotations: LAST_APPLIED }, spec: { backoffLimit: 1, template } };
    const document = cleanedDocument(
      { metadata: {}, spec: { schedule: "@daily", jobTemplate } },
      kindOf("CronJob"),
    );
    expect(document["spec"]).toEqual({
      schedule: "@daily",
      jobTemplate: {
        metadata: {},
        spec: { backoffLimit: 1, template: { metadata: {}, spec: CLEAN_POD_SPEC } },
      },
    });
  });

  it("of a StatefulSet has the metadata of its claim templates cleaned", () => {
    const claim = {
      metadata: { name: "data", annotations: LAST_APPLIED },
      spec: { storageClassName: "fast" },
    };
    const document = cleanedDocument(
      { metadata: {}, spec: { volumeClaimTemplates: [claim] } },
      kindOf("StatefulSet"),
    );
    expect(document["spec"]).toEqual({
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { storageClassName: "fast" } }],
    });
  });

  it("has a status without heartbeats, its conditions by type", () => {
    const conditions = [
      { type: "Ready", status: "True", lastHeartbeatTime: "2026-01-01T00:00:00Z", observedGeneration: 3 },
      {
        type: "Initialized",
        status: "True",
        lastProbeTime: null,
        lastTransitionTime: "2026-01-01T00:00:00Z",
      },
    ];
    const status = { phase: "Running", observedGeneration: 3, conditions };
    expect(cleanedDocument({ metadata: {}, status }, kindOf("Pod"))["status"]).toEqual({
      phase: "Running",
      conditions: [
        { type: "Initialized", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" },
        { type: "Ready", status: "True" },
      ],
    });
  });

  it("of a node has no list of images", () => {
    const status = { images: [{ names: ["nginx"] }], capacity: { cpu: "8" } };
    expect(cleanedDocument({ metadata: {}, status }, kindOf("Node"))["status"]).toEqual({
      capacity: { cpu: "8" },
    });
  });

  it("bears shapes that no server should answer", () => {
    const odd = {
      metadata: null,
      spec: { containers: "none", initContainers: [null, { env: {} }] },
      status: [1],
    };
    expect(cleanedDocument(odd, kindOf("Pod"))).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      ...odd,
      metadata: {},
    });
    const templates = { spec: { template: 1, jobTemplate: { spec: null }, volumeClaimTemplates: {} } };
    expect(cleanedDocument(templates, kindOf("Job"))).toMatchObject(templates);
  });
});
