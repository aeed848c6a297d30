import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asked, run, type Running } from "./running.ts";
import { readRecording, type Recording } from "./recording.ts";

/*
 * The simulated server answers the requests that a real kube-apiserver 1.35.4 was asked, and the answers are laid
 * side by side. The cluster has the same names where the requests name something.
 */

const POD_NAMES = Array.from({ length: 60 }, (_, index) => `p-${String(index).padStart(4, "0")}`);
const LAST_APPLIED = {
  "kubectl.kubernetes.io/last-applied-configuration": '{"stringData":{"token":"LEAKVALUE"}}\n',
};

/** The names of the recorded cluster, beside what was generated. */
async function furnish(server: Running): Promise<void> {
  const shop = (resource: string, name: string, more: object = {}): object => {
    return { create: { resource, namespace: "shop", name, ...more } };
  };
  const data = { username: "u", password: "p" };
  await server.post("/simulator/changes", [
    { create: { resource: "namespaces", name: "shop" } },
    { create: { resource: "nodes", name: "node-0" } },
    ...POD_NAMES.map((name, index) => shop("pods", name, { labels: { app: `web-${index % 3}` } })),
    ...["db", "s-1", "s-2"].map((name) => shop("secrets", name, { data })),
    shop("secrets", "applied", { data: { token: "LEAKVALUE" }, annotations: LAST_APPLIED }),
    ...["cm-0", "cm-1", "cm-2"].map((name) => shop("configmaps", name, { data })),
  ]);
}

/** The recorded path, with this cluster's revision in place of the recorded one. */
function translate(path: string, revision: number): string {
  const url = new URL(path, "http://server");
  const token = url.searchParams.get("continue");
  if (token !== null) url.searchParams.set("continue", withRevision(token, revision));
  const version = url.searchParams.get("resourceVersion");
  if (version !== null && version !== "0" && version !== "99999999")
    url.searchParams.set("resourceVersion", String(revision));
  return url.pathname + url.search;
}

function decodeToken(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token, "base64url").toString()) as Record<string, unknown>;
}

function withRevision(token: string, revision: number): string {
  try {
    const decoded = decodeToken(token);
    if (decoded["rv"] === -1) return token;
    return Buffer.from(JSON.stringify({ ...decoded, rv: revision })).toString("base64url");
  } catch {
    return token;
  }
}

async function replay(server: Running, recording: Recording, revision: number): Promise<Asked> {
  const { accept = "", authorization } = recording.requestHeaders;
  const headers = { accept, ...(authorization === undefined ? {} : { authorization }) };
  return server.ask(translate(recording.path, revision), headers, recording.method);
}

/** What differs from cluster to cluster is taken out of a Status. */
function normalized(body: unknown): unknown {
  const text = JSON.stringify(body)
    .replace(/User \\"[^"]+\\"/g, 'User \\"X\\"')
    .replace(/current: \d+/g, "current: N")
    .replace(/"continue":"[^"]+"/g, '"continue":"T"');
  return JSON.parse(text);
}

function keysOf(value: unknown): string[] {
  return Object.keys(value as object).sort();
}

interface ListBody {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: Record<string, unknown>;
  readonly items?: readonly Record<string, unknown>[];
  readonly rows?: readonly {
    readonly cells: readonly unknown[];
    readonly object: Record<string, unknown> | null;
  }[];
  readonly columnDefinitions?: readonly Record<string, unknown>[];
}

function sameAnswer(asked: Asked, recording: Recording): void {
  expect(asked.status).toBe(recording.status);
  expect(asked.headers.get("content-type")).toBe(recording.headers["content-type"]);
  expect(asked.headers.get("retry-after")).toBe(recording.headers["retry-after"] ?? null);
}

/** Kind, metadata and the outer fields of the members; what the members hold is the generated cluster's business. */
function sameList(asked: Asked, recording: Recording): void {
  sameAnswer(asked, recording);
  const [ours, theirs] = [asked.body as ListBody, recording.body as ListBody];
  expect(Object.keys(ours)).toEqual(Object.keys(theirs));
  expect([ours.kind, ours.apiVersion]).toEqual([theirs.kind, theirs.apiVersion]);
  expect(keysOf(ours.metadata)).toEqual(keysOf(theirs.metadata));
  const [token, theirToken] = [ours.metadata["continue"], theirs.metadata["continue"]];
  if (typeof token === "string" && typeof theirToken === "string") {
    expect(Object.keys(decodeToken(token))).toEqual(Object.keys(decodeToken(theirToken)));
    expect(String(decodeToken(token)["start"]).endsWith("\u0000")).toBe(true);
  }
  sameMembers(ours, theirs);
}

function sameMembers(ours: ListBody, theirs: ListBody): void {
  sameItem(ours.items?.[0], theirs.items?.[0]);
  sameRow(ours.rows?.[0], theirs.rows?.[0]);
  const columns = (body: ListBody): unknown => {
    return body.columnDefinitions?.map(({ name, type, format, priority }) => ({
      name,
      type,
      format,
      priority,
    }));
  };
  expect(columns(ours)).toEqual(columns(theirs));
  expect(ours.columnDefinitions?.map(keysOf)).toEqual(theirs.columnDefinitions?.map(keysOf));
}

function sameItem(
  ours: Record<string, unknown> | undefined,
  theirs: Record<string, unknown> | undefined,
): void {
  if (ours === undefined || theirs === undefined) return;
  // not every config map has it
  expect(keysOf(without(ours, "binaryData"))).toEqual(keysOf(without(theirs, "binaryData")));
}

type Row = NonNullable<ListBody["rows"]>[number];

function sameRow(ours: Row | undefined, theirs: Row | undefined): void {
  if (ours === undefined || theirs === undefined) return;
  expect(keysOf(ours)).toEqual(keysOf(theirs));
  expect(ours.cells.map((cell) => typeof cell)).toEqual(theirs.cells.map((cell) => typeof cell));
  expect(ours.object && keysOf(ours.object)).toEqual(theirs.object && keysOf(theirs.object));
}

function without(value: Record<string, unknown>, ...fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([field]) => !fields.includes(field)));
}

describe("a cluster that lets its administrator in", () => {
  let server: Running;
  let revision: number;

  beforeAll(async () => {
    server = await run(200, { token: "admin-token", clientCertificates: "ignored", denied: new Set() });
    await furnish(server);
    revision = server.store.revision;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ...[
      "a1-pods-limit2",
      "a2-pods-limit2-page2",
      "a6-rv0-limit2",
      "a7-selector-limit2",
      "b3-configmaps-exact-limit2",
    ],
    ...[
      "b4-configmaps-exact-page2",
      "b5-deployments-exact",
      "b5-ingresses-exact",
      "b5-nodes-exact",
      "b5-services-exact",
    ],
    ...[
      "b5-persistentvolumes-exact",
      "b14-deleted-pod-exact",
      "d8-404-unknown-ns-list",
      "f1-table-secrets-default",
    ],
    ...["f2-table-secrets-none", "f3-table-secrets-metadata-limit2", "f4-table-secrets-object"],
    ...[
      "f7-table-pods",
      "f8-table-secrets-exact",
      "f9-table-single-secret",
      "f11-table-metadata-applied-secret",
    ],
    ...[
      "f12-table-none-applied-secret",
      "j1-pom-secrets-limit2",
      "j5-pom-secrets-exact",
      "j6-pom-applied-secret",
    ],
    ...["i2-gzip-small-not"],
  ])("answers a list as recorded: %s", async (name) => {
    const recording = readRecording(name);
    sameList(await replay(server, recording, revision), recording);
  });

  it("gives a list that fits into one page without a token: f5-table-configmaps", async () => {
    const recording = readRecording("f5-table-configmaps");
    const path = recording.path.replace("limit=4", "limit=400");
    sameList(await replay(server, { ...recording, path }, revision), recording);
  });

  it("gives the last page without a token: a3-pods-limit500-last", async () => {
    const recording = readRecording("a3-pods-limit500-last");
    const asked = await replay(server, recording, revision);
    sameAnswer(asked, recording);
    expect(keysOf((asked.body as ListBody).metadata)).toEqual(keysOf((recording.body as ListBody).metadata));
  });

  it.each([
    ...[
      "a5-continue-plus-rv",
      "b10-future-exact",
      "b11-future-notolder",
      "b12-exact-rv0",
      "b13-match-without-rv",
    ],
    ...[
      "cGateOff-6-malformed-continue",
      "d7-404-unknown-group-admin",
      "e1-401-bad-token",
      "e2-403-anonymous",
    ],
    ...["e3-404-get-missing", "e4-405", "e5-406", "d6-403-unknown-group", "g7-aggdisc-v2beta1"],
  ])("refuses as recorded: %s", async (name) => {
    const recording = readRecording(name);
    // the poor man of the recording has a token without rights; here nobody is poorer than anonymous
    const isPoor = recording.requestHeaders["authorization"] === "Bearer reader-token";
    const headers = isPoor
      ? { ...recording.requestHeaders, authorization: undefined }
      : recording.requestHeaders;
    const asked = await replay(
      server,
      { ...recording, requestHeaders: headers as Record<string, string> },
      revision,
    );
    sameAnswer(asked, recording);
    const expected = typeof recording.body === "string" ? "404 page not found\n" : normalized(recording.body);
    expect(typeof asked.body === "string" ? asked.body : normalized(asked.body)).toEqual(expected);
  });

  it.each(["j2-secret-full-managedfields", "j3-pom-single"])(
    "gives one object as recorded: %s",
    async (name) => {
      const recording = readRecording(name);
      const asked = await replay(server, recording, revision);
      sameAnswer(asked, recording);
      expect(Object.keys(asked.body as object)).toEqual(Object.keys(recording.body as object));
    },
  );

  it.each(["g1-aggdisc-apis", "g2-aggdisc-api"])(
    "tells its resources in the aggregated form: %s",
    async (name) => {
      const recording = readRecording(name);
      const asked = await replay(server, recording, revision);
      sameAnswer(asked, recording);
      const [ours, theirs] = [resourcesIn(asked.body), resourcesIn(recording.body)];
      // the same words about each resource, apart from what this server does not do: writing and subresources
      for (const [path, resource] of ours) {
        const said = without(resource, "verbs");
        expect(said).toEqual(without(theirs.get(path) ?? {}, "verbs", "subresources"));
      }
      expect(ours.size).toBeGreaterThan(6);
    },
  );

  it("tells its groups in the legacy form, in the words of g3-legacy-apis and g4-legacy-apiv1", async () => {
    const groups = readRecording("g3-legacy-apis");
    const asked = await replay(server, groups, revision);
    sameAnswer(asked, groups);
    const theirs = (groups.body as { groups: { name: string }[] }).groups;
    for (const group of (asked.body as { groups: { name: string }[] }).groups) {
      expect(group).toEqual(theirs.find(({ name }) => name === group.name));
    }
    const core = readRecording("g4-legacy-apiv1");
    const resources = await replay(server, core, revision);
    sameAnswer(resources, core);
    for (const resource of legacyResources(resources.body)) {
      const real = legacyResources(core.body).find(({ name }) => name === resource["name"]) ?? {};
      expect(without(resource, "verbs")).toEqual(without(real, "verbs", "storageVersionHash"));
    }
  });

  it("names its version with the fields of g8-version and is ready like k6-readyz", async () => {
    const version = readRecording("g8-version");
    const asked = await replay(server, version, revision);
    sameAnswer(asked, version);
    expect(Object.keys(asked.body as object)).toEqual(Object.keys(version.body as object));
    const ready = readRecording("k6-readyz");
    sameAnswer(await replay(server, ready, revision), ready);
  });

  it("packs a large list when asked to, like i1-gzip-pods-large", async () => {
    const recording = readRecording("i1-gzip-pods-large");
    const headers = { authorization: "Bearer admin-token", "accept-encoding": "gzip" };
    const asked = await server.ask(recording.path, headers);
    sameAnswer(asked, recording);
    expect(asked.headers.get("content-encoding")).toBe(recording.headers["content-encoding"]);
    expect(asked.headers.get("vary")).toBe(recording.headers["vary"]);
  });
});

function resourcesIn(body: unknown): Map<string, Record<string, unknown>> {
  type Group = {
    metadata: { name?: string };
    versions: { version: string; resources: Record<string, unknown>[] }[];
  };
  const groups = (body as { items: Group[] }).items;
  const entries = groups.flatMap(({ metadata, versions }) =>
    versions.flatMap(({ version, resources }) =>
      resources.map(
        (resource) => [[metadata.name ?? "", version, resource["resource"]].join("/"), resource] as const,
      ),
    ),
  );
  return new Map(entries);
}

function legacyResources(body: unknown): Record<string, unknown>[] {
  return (body as { resources: Record<string, unknown>[] }).resources;
}

describe("a cluster that forbids some kinds", () => {
  it.each([
    "d1-403-list-secrets",
    "d2-403-list-pods-cluster",
    "d4-403-secrets-ns",
    "d9-403-get-node",
    "f10-table-403",
  ])("answers as recorded: %s", async (name) => {
    const denied = new Set(["secrets", "pods", "nodes"]);
    await using server = await run(60, { token: "reader-token", clientCertificates: "ignored", denied });
    const recording = readRecording(name);
    const asked = await replay(server, recording, server.store.revision);
    sameAnswer(asked, recording);
    expect(normalized(asked.body)).toEqual(normalized(recording.body));
    expect(asked.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("a cluster that has forgotten the past", () => {
  let server: Running;
  let revision: number;

  beforeAll(async () => {
    server = await run(200);
    await furnish(server);
    revision = server.store.revision;
    await server.post("/simulator/changes", {
      create: { resource: "configmaps", namespace: "shop", name: "later" },
    });
    await server.post("/simulator/compact", {});
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ...["cGateOff-1-continue-expired-410", "cGateOff-3-exact-compacted-410", "cGateOff-5-exact-limit-410"],
    ...["cGateOff-7-other-kind-continue"],
  ])("answers as recorded: %s", async (name) => {
    const recording = readRecording(name);
    const asked = await replay(server, recording, revision);
    sameAnswer(asked, recording);
    expect(normalized(asked.body)).toEqual(normalized(recording.body));
  });

  it("gives a token that resumes where the list broke off, at the present: cGateOff-2-inconsistent-continue", async () => {
    const expired = await replay(server, readRecording("cGateOff-1-continue-expired-410"), revision);
    const token = (expired.body as ListBody).metadata["continue"] as string;
    const theirs = readRecording("cGateOff-1-continue-expired-410").body as ListBody;
    expect(decodeToken(token)).toEqual(decodeToken(theirs.metadata["continue"] as string));
    const recording = readRecording("cGateOff-2-inconsistent-continue");
    const resumed = await replay(server, recording, revision);
    sameList(resumed, recording);
    expect((resumed.body as ListBody).metadata["resourceVersion"]).toBe(String(server.store.revision));
  });
});
