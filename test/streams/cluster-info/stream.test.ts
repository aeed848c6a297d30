import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestTerm, hashOf } from "../../../src/core/digest.ts";
import type { Json, JsonObject } from "../../../src/core/json.ts";
import { SnapshotComposer } from "../../../src/streams/cluster-info/compose.ts";
import { clusterInfo } from "../../../src/streams/cluster-info/stream.ts";
import type { OutgoingMessage } from "../../../src/streams/define.ts";
import { composed, decoded, kindOf, named, rowsOf } from "./snapshot.ts";

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

function changed(
  message: OutgoingMessage,
  change: (value: Record<string, unknown>) => void,
): OutgoingMessage {
  const value = JSON.parse(message.value) as Record<string, unknown>;
  change(value);
  return { ...message, value: JSON.stringify(value) };
}

function digestOf(...documents: readonly JsonObject[]): string {
  const uids = documents.map((document) => (document["metadata"] as { uid: string }).uid);
  const terms = documents.map((document, index) => digestTerm(uids[index]!, hashOf(document)));
  return String(terms.reduce((sum, term) => sum + term, 0n) % (1n << 256n));
}

describe("the topic of clusterInfo", () => {
  it("is made with three partitions, a week of retention and Kafka's usual limit, said aloud", () => {
    expect(clusterInfo.topic).toEqual({
      name: "cluster-info",
      partitions: 3,
      config: {
        "cleanup.policy": "delete",
        "retention.ms": "604800000",
        "max.message.bytes": "1048588",
        "compression.type": "producer",
      },
    });
  });
});

describe("clusterInfo.decode of a composed snapshot", () => {
  const pod = named("p", { status: { phase: "Running" } });
  const widgetNode = { metadata: { name: "n", uid: "uid-n" } };
  const messages = composed({ pods: [pod], nodes: [widgetNode], jobs: [] });
  const rows = rowsOf(messages);
  const { snapshot } = JSON.parse(messages[0]!.value) as { snapshot: string };
  const common = { snapshot, cluster: "c-1" };

  it("makes one row of every message, in order", () => {
    expect(rows.map(({ op }) => op)).toEqual(["begin", "objects", "kind", "objects", "kind", "kind", "end"]);
    expect(rows.map(({ part }) => part)).toEqual([1, 2, 3, 4, 5, 6, undefined]);
  });

  it("begins with the cluster", () => {
    expect(rows[0]).toEqual({
      op: "begin",
      ...common,
      part: 1,
      cluster_name: "one",
      server: "https://k:6443",
      server_version: "v1.35.4",
      started_at: TIME,
      collector: "clusterflow 0.1.0",
      form: "clusterflow",
    });
  });

  it("has every object with its hash, its document and its summary, under the digest of them all", () => {
    expect(rows[1]).toEqual({
      op: "objects",
      ...common,
      part: 2,
      group: "",
      version: "v1",
      resource: "pods",
      kind: "Pod",
      digest: digestOf(pod),
      items: [
        {
          uid: "uid-p",
          namespace: "shop",
          name: "p",
          created_at: "2026-01-02T03:04:05Z",
          hash: hashOf(pod),
          doc: pod,
          summary: expect.objectContaining({ name: "p", phase: "Running", cpu_request: "" }) as JsonObject,
        },
      ],
    });
  });

  it("has null where an object has no namespace and no time", () => {
    expect(rows[3]).toMatchObject({
      resource: "nodes",
      items: [{ uid: "uid-n", namespace: null, created_at: null }],
    });
  });

  it("tells how each kind was read", () => {
    expect(rows[2]).toEqual({
      op: "kind",
      ...common,
      part: 3,
      group: "",
      version: "v1",
      resource: "pods",
      kind: "Pod",
      status: "complete",
      reason: null,
      http_status: 200,
      revision: "370",
      consistency: "cut",
      pages: 1,
      objects: 1,
      digest: digestOf(pod),
      duration_ms: 12.5,
    });
  });

  it("ends with the manifest", () => {
    const kind = { version: "v1", status: "complete" };
    expect(rows.at(-1)).toEqual({
      op: "end",
      ...common,
      started_at: TIME,
      finished_at: TIME,
      parts: 6,
      objects: 2,
      revision: "370",
      consistency: "cut",
      digest: digestOf(pod, widgetNode),
      kinds: [
        { ...kind, group: "", resource: "pods", kind: "Pod", objects: 1, digest: digestOf(pod) },
        { ...kind, group: "", resource: "nodes", kind: "Node", objects: 1, digest: digestOf(widgetNode) },
        { ...kind, group: "batch", resource: "jobs", kind: "Job", objects: 0, digest: "0" },
      ],
    });
  });
});

describe("clusterInfo.decode", () => {
  it("says why a snapshot was given up", () => {
    const identity = { cluster: "c-1", clusterName: "", server: "", serverVersion: "", collector: "" };
    const composer = new SnapshotComposer(identity, 10_000);
    expect(rowsOf([composer.abort("the API server went away")])).toEqual([
      { op: "abort", snapshot: composer.snapshot, cluster: "c-1", reason: "the API server went away" },
    ]);
  });

  it("has no summary for a kind that the collector did not know", () => {
    expect(rowsOf(composed({ jobs: [named("j")] }))[1]).toMatchObject({ items: [{ summary: null }] });
  });

  it("computes hashes from what arrived, so that a changed document no longer fits the manifest", () => {
    const [, objects, ended] = composed({ pods: [named("p", { spec: { nodeName: "a" } })] });
    const forged = { ...named("p", { spec: { nodeName: "b" } }), hash: "0".repeat(64) };
    const [came] = rowsOf([changed(objects!, (value) => Object.assign(value, { items: [forged] }))]);
    const [told] = rowsOf([ended!]);
    expect(came).toMatchObject({ items: [{ hash: hashOf(forged) }], digest: digestOf(forged) });
    expect(told!["digest"]).not.toBe(digestOf(forged));
  });

  it("unpacks an object that came packed to the same row as one that did not", () => {
    const large = named("large", { text: "x".repeat(20_000) });
    const packed = composed({ pods: [large] }, 10_000);
    expect(packed[1]!.value).toContain('"encoding":"gzip+base64"');
    const [came, whole] = [packed, composed({ pods: [large] })].map((messages) => rowsOf(messages)[1]!);
    expect(came!["items"]).toEqual(whole!["items"]);
    expect(came!["digest"]).toBe(whole!["digest"]);
  });

  it("agrees with the composer on every digest, whatever the documents hold and however they are cut up", () => {
    const field = fc.jsonValue({ maxDepth: 4, stringUnit: "grapheme" }) as fc.Arbitrary<Json>;
    const documents = fc
      .array(field, { maxLength: 12 })
      .map((fields) => fields.map((spec, i) => named(`o${i}`, { spec })));
    fc.assert(
      fc.property(documents, documents, fc.integer({ min: 2300, max: 20_000 }), (pods, jobs, limit) => {
        const rows = rowsOf(composed({ pods, jobs }, limit));
        for (const ended of rows.filter(({ op }) => op === "kind")) {
          const pieces = rows.filter(
            ({ op, resource }) => op === "objects" && resource === ended["resource"],
          );
          const sum = pieces.reduce((total, piece) => total + BigInt(piece["digest"] as string), 0n);
          expect(String(sum % (1n << 256n))).toBe(ended["digest"]);
        }
      }),
    );
  });

  it("takes a snapshot's id in lower case, as PostgreSQL answers it", () => {
    const [begin] = composed({});
    const capitals = changed(begin!, (value) => {
      value["snapshot"] = String(value["snapshot"]).toUpperCase();
    });
    expect(rowsOf([capitals])).toEqual(rowsOf([begin!]));
  });

  it("refuses a message under another cluster's key, and takes one without a key", () => {
    const [begin] = composed({});
    const record = { value: Buffer.from(begin!.value), timestamp: -1 };
    expect(decoded({ ...begin!, key: "c-2" })).toEqual({
      kind: "rejected",
      reason: 'the message is of cluster "c-1" but its key is "c-2"; one cluster may not write into another',
    });
    expect(clusterInfo.decode({ ...record, key: null }).kind).toBe("rows");
    expect(clusterInfo.decode({ ...record, key: Buffer.alloc(0) }).kind).toBe("rows");
  });

  it("never repeats a value in the reason for a rejection, as it may be somebody's secret", () => {
    const [, objects] = composed({ pods: [named("p", { data: "hunter2" })] });
    for (const cut of [40, 200, objects!.value.length - 3]) {
      const verdict = decoded({ ...objects!, value: `${objects!.value.slice(0, cut)}hunter2` });
      expect(verdict).toMatchObject({
        kind: "rejected",
        reason: expect.not.stringContaining("hunter2") as string,
      });
    }
  });

  it("reads the kind that its messages name, not the one a document claims", () => {
    const claimed = named("p", { apiVersion: "v1", kind: "Secret", type: "Opaque" });
    const [, objects] = rowsOf(composed({ pods: [claimed] }));
    expect(objects).toMatchObject({ kind: kindOf("pods").kind, items: [{ summary: { phase: "" } }] });
  });
});
