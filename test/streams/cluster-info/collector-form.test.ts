import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digestTerm, hashOf } from "../../../src/core/digest.ts";
import type { Json, JsonObject } from "../../../src/core/json.ts";
import { clusterInfo } from "../../../src/streams/cluster-info/stream.ts";

const CREATED = "2025-07-01T08:00:00Z";
const FIELDS = [
  "deployments",
  "pods",
  "nodes",
  "services",
  "ingresses",
  "configmaps",
  "secrets",
  "persistent_volumes",
  "persistent_volume_claims",
];

/** A snapshot as the collector writes it, null for every array that is not given. */
function snapshot(arrays: JsonObject, timestamp = "2025-07-14T10:20:30.123456789+02:00"): string {
  const nothing = Object.fromEntries(FIELDS.map((field) => [field, null]));
  return JSON.stringify({ timestamp, ...nothing, ...arrays });
}

function decoded(text: string, key: string | null = null): readonly JsonObject[] {
  const verdict = clusterInfo.decode({
    key: key === null ? null : Buffer.from(key),
    value: Buffer.from(text),
    timestamp: -1,
  });
  if (verdict.kind !== "rows")
    throw new TypeError(verdict.kind === "rejected" ? verdict.reason : verdict.kind);
  return verdict.rows;
}

function itemsOf(rows: readonly JsonObject[]): readonly JsonObject[] {
  return rows.filter(({ op }) => op === "objects").flatMap(({ items }) => items as readonly JsonObject[]);
}

/** The document of the only object of a snapshot. */
function documentOf(field: string, object: JsonObject): Json | undefined {
  const [item, ...others] = itemsOf(
    decoded(snapshot({ [field]: [{ name: "o", created_time: CREATED, ...object }] })),
  );
  expect(others).toEqual([]);
  expect(item!["summary"]).toEqual(item!["doc"]);
  return item!["doc"];
}

describe("a snapshot in the collector's form", () => {
  const pod = { name: "web-1", namespace: "shop", created_time: CREATED, phase: "Running", restart_count: 4 };
  const text = snapshot({ pods: [pod], nodes: [] });
  const rows = decoded(text);
  const common = { snapshot: rows[0]!["snapshot"]!, cluster: "cluster-info-collector" };

  it("begins and ends at its own time, with the parts counted without gaps", () => {
    const timestamp = "2025-07-14T10:20:30.123456789+02:00";
    expect(rows[0]).toEqual({
      op: "begin",
      ...common,
      part: 1,
      cluster_name: "cluster-info-collector",
      server: "",
      server_version: "",
      started_at: timestamp,
      collector: "cluster-info-collector",
      form: "cluster-info-collector",
    });
    expect(rows.at(-1)).toMatchObject({
      op: "end",
      ...common,
      started_at: timestamp,
      finished_at: timestamp,
      parts: rows.length - 1,
      objects: 1,
      revision: null,
      consistency: "kind",
    });
    expect(rows.slice(0, -1).map(({ part }) => part)).toEqual(rows.slice(0, -1).map((_, index) => index + 1));
  });

  it("stores each object under a uid made of its place and time", () => {
    const doc = { ...pod };
    const uid = `collector:pods/shop/web-1@${CREATED}`;
    const hash = hashOf(doc);
    expect(rows.find(({ op }) => op === "objects")).toEqual({
      op: "objects",
      ...common,
      part: 3,
      group: "",
      version: "v1",
      resource: "pods",
      kind: "Pod",
      digest: String(digestTerm(uid, hash)),
      items: [{ uid, namespace: "shop", name: "web-1", created_at: CREATED, hash, doc, summary: doc }],
    });
  });

  it("reports nine kinds as complete, the same in the results and in the manifest", () => {
    const results = rows.filter(({ op }) => op === "kind");
    expect(results).toHaveLength(9);
    expect(results[1]).toEqual({
      op: "kind",
      ...common,
      part: 4,
      group: "",
      version: "v1",
      resource: "pods",
      kind: "Pod",
      status: "complete",
      reason: null,
      http_status: null,
      revision: null,
      consistency: "kind",
      pages: 1,
      objects: 1,
      digest: String(digestTerm(`collector:pods/shop/web-1@${CREATED}`, hashOf(pod))),
      duration_ms: 0,
    });
    const manifest = results.map(({ group, version, resource, kind, status, objects, digest }) => {
      return { group, version, resource, kind, status, objects, digest };
    });
    expect(rows.at(-1)!["kinds"]).toEqual(manifest);
  });

  it("is the same snapshot when it comes again, and another when one byte differs", () => {
    const bytes = createHash("sha256").update(text).digest("hex");
    const id = rows[0]!["snapshot"] as string;
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(id.slice(0, 8)).toBe(bytes.slice(0, 8));
    expect(decoded(text)).toEqual(rows);
    expect(decoded(`${text} `)[0]!["snapshot"]).not.toBe(id);
  });

  it("is another snapshot under another key, as it is of another cluster", () => {
    const ids = [null, "prod-eu", "prod-us"].map((key) => decoded(text, key)[0]!["snapshot"]);
    expect(new Set(ids).size).toBe(3);
  });

  it("belongs to the cluster that the key names", () => {
    expect(decoded(text, "prod-eu").map(({ cluster }) => cluster)).toEqual(rows.map(() => "prod-eu"));
    expect(decoded(text, "")[0]).toMatchObject({ cluster: "cluster-info-collector" });
  });

  it("does not take a kind for empty that the message does not have", () => {
    const older = decoded(JSON.stringify({ timestamp: "2025-07-14T10:20:30Z", pods: null }));
    const statuses = older
      .filter(({ op }) => op === "kind")
      .map(({ resource, status, reason }) => [resource, status, reason]);
    expect(statuses).toContainEqual(["pods", "complete", null]);
    expect(statuses).toContainEqual(["secrets", "error", "the message has no field secrets"]);
    expect(statuses.filter(([, status]) => status === "error")).toHaveLength(8);
  });

  it("keeps an object the same object when the clocks change", () => {
    const summer = decoded(snapshot({ pods: [{ ...pod, created_time: "2025-07-01T10:00:00+02:00" }] }));
    const winter = decoded(snapshot({ pods: [{ ...pod, created_time: "2025-07-01T09:00:00+01:00" }] }));
    const uids = [summer, winter].map((some) => itemsOf(some)[0]!["uid"]);
    expect(uids).toEqual([`collector:pods/shop/web-1@${CREATED}`, `collector:pods/shop/web-1@${CREATED}`]);
  });

  it("is not mistaken for one when it says what type it is, or has no time", () => {
    const typed = JSON.stringify({ type: "snapshot", timestamp: CREATED, pods: null });
    expect(() => decoded(typed)).toThrow('the message type "snapshot" is unknown');
    expect(() => decoded(JSON.stringify({ pods: null }))).toThrow("the field type is missing");
  });
});

describe("an object in the collector's form", () => {
  it("keeps the names of a ConfigMap's keys and none of its values", () => {
    const document = documentOf("configmaps", {
      data: { b: "hunter2", a: "x", c: "" },
      binary_data: { logo: "aGk=" },
    });
    expect(document).toEqual({
      name: "o",
      created_time: CREATED,
      data_keys: ["a", "b", "c"],
      binary_data_keys: ["logo"],
    });
  });

  it("has lists of keys also where there is no data", () => {
    expect(documentOf("configmaps", { data: null })).toMatchObject({ data_keys: [], binary_data_keys: [] });
    expect(documentOf("secrets", { data_keys: null })).toMatchObject({ data_keys: [] });
  });

  it("keeps a Secret's keys, and drops values that it should never have had", () => {
    expect(documentOf("secrets", { data_keys: ["password"] })).toMatchObject({ data_keys: ["password"] });
    const leaked = documentOf("secrets", { data: { password: "aHVudGVyMg==" } });
    expect(leaked).toMatchObject({ data_keys: ["password"] });
    expect(leaked).not.toHaveProperty("data");
  });

  it.each(FIELDS)("drops the annotation with the whole manifest: %s", (field) => {
    const annotations = {
      "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"password":"aHVudGVyMg=="}}',
      "example.com/last-applied-configuration": "x",
      note: "kept",
    };
    expect(documentOf(field, { annotations })).toMatchObject({ annotations: { note: "kept" } });
    expect(JSON.stringify(documentOf(field, { annotations }))).not.toContain("last-applied");
  });

  it("has empty lists and maps where Go writes null", () => {
    const service = { labels: null, annotations: null, selector: null, external_ips: null, ports: null };
    expect(documentOf("services", service)).toEqual({
      name: "o",
      created_time: CREATED,
      labels: {},
      annotations: {},
      selector: {},
      external_ips: [],
      ports: [],
    });
    expect(documentOf("ingresses", { tls: [{ hosts: null, secret_name: "s" }] })).toMatchObject({
      tls: [{ hosts: [], secret_name: "s" }],
    });
    expect(documentOf("ingresses", { hosts: null, paths: null, tls: null })).toMatchObject({
      hosts: [],
      paths: [],
      tls: [],
    });
  });

  it("keeps the fields that it does not know", () => {
    const extra = { weather: { wind: [1, null] } };
    expect(documentOf("pods", extra)).toMatchObject(extra);
  });

  it("keeps a label named __proto__ a label", () => {
    const text = snapshot({ pods: ["X"] }).replace(
      '"X"',
      `{"name":"o","created_time":"${CREATED}","labels":{"__proto__":"x"},"__proto__":{"phase":"Lost"}}`,
    );
    const [item] = itemsOf(decoded(text));
    expect(JSON.stringify(item!["doc"])).toContain('"labels":{"__proto__":"x"},"__proto__":{"phase":"Lost"}');
  });
});
