import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { decodePage, type Page } from "../../src/kubernetes/decode.ts";
import { type KindRef, KINDS } from "../../src/streams/cluster-info/kinds.ts";
import { recording } from "./api-server.ts";

function kindOf(kind: string): KindRef {
  return KINDS.find((known) => known.kind === kind)!;
}

function recordedPage(name: string, kind: string): Page {
  const page = decodePage(JSON.parse(recording(name).body.toString()) as JsonObject, kindOf(kind));
  if (page === null) throw new Error(`${name} is no list`);
  return page;
}

/** A table row as the server writes it, with these keys in its managed fields. */
function row(cells: readonly (string | number)[], fields: JsonObject[]): JsonObject {
  return {
    cells,
    object: { metadata: { uid: "1", managedFields: fields.map((fieldsV1) => ({ fieldsV1 })) } },
  };
}

describe("a page of pods", () => {
  it("has revision, token and cleaned documents", () => {
    const page = recordedPage("a1-pods-limit2", "Pod");
    expect(page).toMatchObject({ revision: "370", withoutUid: 0 });
    expect(page.continueToken).toMatch(/^eyJ2/);
    expect(page.documents[0]).toMatchObject({ apiVersion: "v1", kind: "Pod", metadata: { name: "p-0000" } });
    expect(JSON.stringify(page.documents)).not.toMatch(/managedFields|resourceVersion|observedGeneration/);
  });

  it("is the same packed and unpacked", () => {
    expect(recordedPage("i2-gzip-small-not", "Pod").documents.length).toBe(2);
  });
});

describe("a page of Secrets", () => {
  it("as a table has type, count and names of keys", () => {
    const page = recordedPage("f3-table-secrets-metadata-limit2", "Secret");
    expect(page.documents[0]).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "db",
        namespace: "shop",
        uid: "4d2f7817-e845-4dfd-966e-44619f86cad2",
        creationTimestamp: "2026-11-21T08:57:21Z",
        annotations: { note: "hello" },
      },
      type: "Opaque",
      dataKeys: ["password", "username"],
      dataCount: 2,
    });
  });

  it("as bare metadata has the names of keys, and no type", () => {
    const [first] = recordedPage("j1-pom-secrets-limit2", "Secret").documents;
    expect(first).toMatchObject({
      kind: "Secret",
      type: null,
      dataKeys: ["password", "username"],
      dataCount: 2,
    });
  });

  it("as whole objects, which nobody asked for, has names and type all the same", () => {
    const [first] = recordedPage("b1-secrets-exact", "Secret").documents;
    expect(first).toMatchObject({ type: "Opaque", dataKeys: ["password", "username"], dataCount: 2 });
    expect(first).not.toHaveProperty("data");
  });

  it("as a table of whole objects likewise", () => {
    const [first] = recordedPage("f4-table-secrets-object", "Secret").documents;
    expect(first).toMatchObject({ type: "Opaque", dataKeys: ["password", "username"], dataCount: 2 });
    expect(first).not.toHaveProperty("data");
  });

  it("written by kubectl apply has no copy of its values", () => {
    for (const name of ["f11-table-metadata-applied-secret", "j6-pom-applied-secret"]) {
      const [first] = recordedPage(name, "Secret").documents;
      expect(first).toMatchObject({ metadata: { name: "applied" }, dataKeys: ["token"], dataCount: 1 });
      expect(JSON.stringify(first)).not.toContain("LEAKVALUE");
    }
  });

  it("without its objects cannot be told apart", () => {
    expect(recordedPage("f2-table-secrets-none", "Secret")).toMatchObject({ documents: [], withoutUid: 3 });
  });

  it("has unknown key names where the managed fields do not name as many as there are", () => {
    const body = {
      kind: "Table",
      metadata: { resourceVersion: "5" },
      rows: [
        row(["a", "Opaque", 2, "1d"], [{ "f:data": { ".": {}, "f:one": {} } }]),
        row(["b", "Opaque", 1, "1d"], []),
      ],
    };
    const page = decodePage(body, kindOf("Secret"));
    expect(page?.documents.map(({ dataKeys, dataCount, type }) => ({ dataKeys, dataCount, type }))).toEqual([
      { dataKeys: null, dataCount: 2, type: "Opaque" },
      { dataKeys: null, dataCount: 1, type: "Opaque" },
    ]);
  });

  it("has the keys of all who set some, and none where there are none", () => {
    const body = {
      kind: "Table",
      metadata: {},
      rows: [
        row(
          ["a", "t", 2, "1d"],
          [{ "f:data": { "f:b": {} } }, { "f:data": { ".": {}, "f:a": {}, "f:b": {} } }],
        ),
        row(["b", "t", 0, "1d"], [{ "f:type": {} }]),
      ],
    };
    expect(decodePage(body, kindOf("Secret"))?.documents.map(({ dataKeys }) => dataKeys)).toEqual([
      ["a", "b"],
      [],
    ]);
  });
});

describe("a page of ConfigMaps", () => {
  it("as a table tells text keys from binary ones", () => {
    const documents = recordedPage("f5-table-configmaps", "ConfigMap").documents;
    expect(documents[1]).toMatchObject({
      kind: "ConfigMap",
      dataKeys: ["app.conf", "b"],
      binaryDataKeys: ["bin"],
      dataCount: 3,
    });
    expect(documents[0]).toMatchObject({ dataKeys: ["since"], binaryDataKeys: [], dataCount: 1 });
    expect(documents[1]).not.toHaveProperty("type");
  });

  it("as whole objects has the same", () => {
    const documents = recordedPage("b3-configmaps-exact-limit2", "ConfigMap").documents;
    expect(documents[1]).toMatchObject({
      dataKeys: ["app.conf", "b"],
      binaryDataKeys: ["bin"],
      dataCount: 3,
    });
    expect(documents[1]).not.toHaveProperty("data");
    expect(documents[1]).not.toHaveProperty("binaryData");
  });
});

describe("whatever else arrives", () => {
  it.each([
    [{}],
    [{ items: "none" }],
    [{ kind: "Table", rows: {} }],
    [{ kind: "Status", status: "Failure" }],
  ])("is no list: %o", (body) => {
    expect(decodePage(body, kindOf("Pod"))).toBeNull();
  });

  it("is an empty list where the server writes null for none", () => {
    expect(decodePage({ items: null, metadata: { resourceVersion: "5" } }, kindOf("Pod"))?.documents).toEqual(
      [],
    );
    expect(decodePage({ kind: "Table", rows: null }, kindOf("Secret"))?.documents).toEqual([]);
  });
});
