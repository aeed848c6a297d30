import { randomUUID } from "node:crypto";
import { addDigests, digestTerm, hashOf } from "../../src/core/digest.ts";
import type { JsonObject } from "../../src/core/json.ts";

/** A small object as the collector would hand it on. */
export function pod(name: string, phase = "Running", uid = `uid-${name}`): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop", uid, creationTimestamp: "2026-01-02T03:04:05Z" },
    status: { phase },
  };
}

interface RowOptions {
  readonly snapshot?: string;
  readonly cluster?: string;
  readonly startedAt?: string;
  readonly status?: string;
}

/** The rows of one snapshot with one kind, as `clusterflow.write_cluster_info` takes them, one chunk an object. */
export function snapshotRows(pods: readonly JsonObject[], options: RowOptions = {}): JsonObject[] {
  const {
    snapshot = randomUUID(),
    cluster = "c-1",
    startedAt = "2026-05-01T00:00:00Z",
    status = "complete",
  } = options;
  const common = { snapshot, cluster };
  const kind = { group: "", version: "v1", resource: "pods", kind: "Pod" };
  const items = pods.map((doc) => itemOf(doc));
  const digest = items
    .map(({ uid, hash }) => digestTerm(uid, hash))
    .reduce(addDigests, 0n)
    .toString();
  const result = { ...kind, status, objects: items.length, digest };
  const chunks = items.map((item, index) => ({
    op: "objects",
    ...common,
    part: index + 2,
    ...kind,
    digest: digestTerm(item.uid, item.hash).toString(),
    items: [item],
  }));
  const about = {
    cluster_name: "one",
    server: "https://k",
    server_version: "v1.35.4",
    collector: "test",
    form: "clusterflow",
  };
  return [
    { op: "begin", ...common, part: 1, ...about, started_at: startedAt },
    ...chunks,
    {
      op: "kind",
      ...common,
      part: items.length + 2,
      ...result,
      reason: null,
      http_status: null,
      revision: "7",
      consistency: "cut",
      pages: 1,
      duration_ms: 1,
    },
    {
      op: "end",
      ...common,
      started_at: startedAt,
      finished_at: startedAt,
      parts: items.length + 2,
      objects: items.length,
      revision: "7",
      consistency: "cut",
      digest,
      kinds: [result],
    },
  ];
}

function itemOf(doc: JsonObject): {
  uid: string;
  namespace: string;
  name: string;
  created_at: null;
  hash: string;
  doc: JsonObject;
  summary: JsonObject;
} {
  const metadata = doc["metadata"] as { uid: string; name: string; namespace: string };
  const status = doc["status"] as { phase: string };
  return {
    uid: metadata.uid,
    namespace: metadata.namespace,
    name: metadata.name,
    created_at: null,
    hash: hashOf(doc),
    doc,
    summary: {
      name: metadata.name,
      namespace: metadata.namespace,
      phase: status.phase,
      node_name: "n1",
      restart_count: 0,
    },
  };
}
