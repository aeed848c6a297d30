import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { hashOf, digestTerm, formatDigest } from "../../src/core/digest.ts";
import { isJsonObject } from "../../src/core/json.ts";
import { VERSION } from "../../src/core/version.ts";
import { uidOf } from "../../src/streams/cluster-info/identity.ts";
import { KINDS } from "../../src/streams/cluster-info/kinds.ts";
import type { OutgoingMessage } from "../../src/streams/define.ts";
import { replay, type Seen, sendJson, sendStatus } from "./api-server.ts";
import { CLUSTER, serveCluster, snapshotOf, typesOf } from "./snapshot.ts";

/** Three pods on two pages, at revision 370, both pages and the deployments as a real server wrote them. */
const RECORDED = {
  "/api/v1/pods": ({ query }: Seen, response: ServerResponse) => {
    const token = query.get("continue");
    if (token === null) replay(response, "a1-pods-limit2");
    else
      sendJson(response, {
        metadata: { resourceVersion: "370" },
        items: [{ metadata: { uid: "u", name: "p" } }],
      });
  },
  "/api/v1/secrets": (_: Seen, response: ServerResponse) => replay(response, "f1-table-secrets-default"),
  "/api/v1/configmaps": (_: Seen, response: ServerResponse) => replay(response, "d1-403-list-secrets"),
  "/apis/batch/v1/jobs": (_: Seen, response: ServerResponse) =>
    replay(response, "d7-404-unknown-group-admin"),
};

describe("a snapshot", () => {
  it("begins, has every kind in order, and is sealed by its manifest", async () => {
    await using server = await serveCluster(RECORDED);
    const snapshot = await snapshotOf(server);
    expect(snapshot.error).toBeNull();
    const types = typesOf(snapshot);
    expect([types[0], types.at(-1)]).toEqual(["snapshot.begin", "snapshot.end"]);
    const ended = snapshot.decoded.flatMap((message) =>
      message.type === "kind.end" ? [message.resource] : [],
    );
    expect(ended).toEqual(KINDS.map(({ resource }) => resource));
    expect(snapshot.decoded[0]).toMatchObject({
      cluster: CLUSTER,
      clusterName: `127.0.0.1:${server.port}`,
      server: server.url,
      serverVersion: "v1.35.4",
      collector: "clusterflow/test",
    });
    expect(snapshot.manifest).toMatchObject({ objects: 6, revision: "370", consistency: "kind" });
    expect(snapshot.decoded.at(-1)).toEqual(snapshot.manifest);
  });

  it("has the digests of the documents that it carries", async () => {
    await using server = await serveCluster(RECORDED);
    const { decoded, manifest } = await snapshotOf(server);
    const items = decoded.flatMap((message) =>
      message.type === "objects" && message.kind === "Pod" ? message.items : [],
    );
    const sum = items
      .filter(isJsonObject)
      .reduce((total, item) => total + digestTerm(uidOf(item), hashOf(item)), 0n);
    expect(manifest?.kinds[0]).toMatchObject({
      resource: "pods",
      objects: 3,
      digest: formatDigest(sum % (1n << 256n)),
    });
  });

  it("carries a number of 64 bits with all its digits, and counts it into the digest", async () => {
    const listOf = (seconds: string): string =>
      `{"metadata":{"resourceVersion":"370"},"items":[{"metadata":{"uid":"u","name":"p"},"spec":{"activeDeadlineSeconds":${seconds}}}]}`;
    const digests: string[] = [];
    for (const seconds of ["9223372036854775807", "9223372036854775806"]) {
      await using server = await serveCluster({
        "/api/v1/pods": (_, response) =>
          response.setHeader("content-type", "application/json").end(listOf(seconds)),
      });
      const { messages, manifest } = await snapshotOf(server);
      expect(messages[1]?.value).toContain(`"activeDeadlineSeconds":${seconds}}`);
      digests.push(manifest?.digest ?? "");
    }
    expect(new Set(digests).size).toBe(2);
  });

  it("reads the first kind as it is now and all others exactly at its revision", async () => {
    await using server = await serveCluster({ "/api/v1/pods": RECORDED["/api/v1/pods"] });
    const { manifest } = await snapshotOf(server);
    const lists = server.requests.filter(({ query }) => query.has("limit") && !query.has("continue"));
    expect(lists.map(({ query }) => query.get("resourceVersion"))).toEqual([
      null,
      ...Array<string>(14).fill("370"),
    ]);
    expect(manifest).toMatchObject({ consistency: "cut", revision: "370" });
  });

  it("lets the first kind that can be read fix the revision", async () => {
    await using server = await serveCluster(
      {
        "/api/v1/pods": (_, response) => replay(response, "d1-403-list-secrets"),
        "/apis/apps/v1/replicasets": (_, response) =>
          sendJson(response, { metadata: { resourceVersion: "371" }, items: [] }),
      },
      "371",
    );
    const { manifest } = await snapshotOf(server);
    expect(manifest?.kinds[0]).toMatchObject({ status: "forbidden", consistency: "none" });
    expect(manifest).toMatchObject({ consistency: "cut", revision: "371" });
  });

  it("records what became of each kind and goes on", async () => {
    await using server = await serveCluster(RECORDED);
    const { manifest, reports } = await snapshotOf(server);
    const status = Object.fromEntries(
      manifest?.kinds.map(({ resource, status: found }) => [resource, found]) ?? [],
    );
    expect(status).toMatchObject({
      pods: "complete",
      secrets: "complete",
      configmaps: "forbidden",
      jobs: "not_served",
      namespaces: "complete",
    });
    expect(reports[0]).toEqual({ kind: "snapshot-started", snapshot: manifest?.snapshot, cluster: CLUSTER });
    expect(reports.filter(({ kind }) => kind === "kind-read").length).toBe(15);
    expect(reports).toContainEqual({
      kind: "kind-read",
      resource: "pods",
      status: "complete",
      objects: 3,
      reason: null,
    });
    expect(reports.at(-1)).toMatchObject({
      kind: "snapshot-ended",
      snapshot: manifest?.snapshot,
      objects: 6,
    });
  });

  it("names itself in every list", async () => {
    await using server = await serveCluster({});
    const { manifest } = await snapshotOf(server);
    const agents = server.requests
      .filter(({ query }) => query.has("limit"))
      .map(({ headers }) => headers["user-agent"]);
    expect(new Set(agents)).toEqual(
      new Set([`clusterflow/${VERSION} (collect; snapshot=${manifest?.snapshot ?? ""})`]),
    );
  });

  it("reads no further before what it has read is down", async () => {
    await using server = await serveCluster({ "/api/v1/pods": RECORDED["/api/v1/pods"] });
    const order: string[] = [];
    const controller = new AbortController();
    await snapshotOf(server, {
      signal: controller.signal,
      deliver: async (messages) => {
        const asked = server.requests.length;
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${messages.length} ${server.requests.length - asked}`);
      },
    });
    expect(order.length).toBeGreaterThan(15);
    expect(order.every((entry) => entry.endsWith(" 0"))).toBe(true);
  });

  it("with nothing readable is a snapshot all the same, with a warning", async () => {
    const forbidden = Object.fromEntries(
      KINDS.map(({ group, version, resource }) => [
        group === "" ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`,
        (_: Seen, response: ServerResponse) => replay(response, "d1-403-list-secrets"),
      ]),
    );
    await using server = await serveCluster(forbidden);
    const { manifest, reports } = await snapshotOf(server);
    expect(manifest).toMatchObject({ objects: 0, consistency: "none", revision: null });
    const warnings = reports.flatMap((report) => (report.kind === "warning" ? [report.text] : []));
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toContain('User "reader" cannot list resource');
  });
});

describe("the cluster's identity", () => {
  it.each([
    ["is forbidden", 403, "d9"],
    ["does not exist", 404, "e3"],
  ])("must be named where kube-system %s", async (_, code) => {
    await using server = await serveCluster({
      "/api/v1/namespaces/kube-system": (_seen, response) => sendStatus(response, code, "no such luck"),
    });
    const { error, messages } = await snapshotOf(server);
    expect(error).toMatchObject({ code: "usage", hint: expect.stringContaining("--cluster-id") as string });
    expect((error as Error).message).toContain(`(${code}: no such luck)`);
    expect(messages).toEqual([]);
  });

  it("is the named one where one is named, without asking", async () => {
    await using server = await serveCluster({
      "/api/v1/namespaces/kube-system": (_, response) => sendStatus(response, 403, "forbidden"),
    });
    const { manifest, decoded } = await snapshotOf(server, {}, { clusterId: "shop-1", clusterName: "Shop" });
    expect(manifest?.cluster).toBe("shop-1");
    expect(decoded[0]).toMatchObject({ clusterName: "Shop" });
    expect(server.requests.some(({ path }) => path.endsWith("kube-system"))).toBe(false);
  });

  it("does not need the server's version", async () => {
    await using server = await serveCluster({
      "/version": (_, response) => sendStatus(response, 403, "forbidden"),
    });
    expect((await snapshotOf(server)).decoded[0]).toMatchObject({ serverVersion: "unknown" });
  });

  it("cannot be had from something that is no Kubernetes", async () => {
    await using server = await serveCluster({
      "/api/v1/namespaces/kube-system": (_, response) => response.end("<html>sign in</html>"),
    });
    const { error } = await snapshotOf(server);
    expect(error).toMatchObject({ code: "unreachable" });
    expect((error as Error).message).toContain("does not answer as a Kubernetes API server");
  });
});

describe("a snapshot that cannot be finished", () => {
  it("is given up, never sealed, when the server is lost on the way", async () => {
    await using server = await serveCluster({
      "/api/v1/pods": RECORDED["/api/v1/pods"],
      "/apis/apps/v1/deployments": (_, response) => response.destroy(),
      "/readyz": (_, response) => response.destroy(),
    });
    const snapshot = await snapshotOf(server, { giveUpAfterMs: 300 });
    expect(snapshot.error).toMatchObject({ code: "unreachable" });
    expect(typesOf(snapshot).at(-1)).toBe("snapshot.abort");
    expect(typesOf(snapshot)).not.toContain("snapshot.end");
    expect(snapshot.reports.map(({ kind }) => kind)).toContain("waiting");
  });

  it("is given up when the credentials are refused on the way", async () => {
    await using server = await serveCluster({
      "/api/v1/services": (_, response) => replay(response, "e1-401-bad-token"),
    });
    const snapshot = await snapshotOf(server, {}, { token: "s3cret" });
    expect(snapshot.error).toMatchObject({ code: "unreachable", vendorCode: "401" });
    expect(typesOf(snapshot).at(-1)).toBe("snapshot.abort");
    expect(JSON.stringify(snapshot.messages)).not.toContain("s3cret");
  });

  it("is given up when the signal fires, and throws the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    await using server = await serveCluster({
      "/api/v1/pods": RECORDED["/api/v1/pods"],
      "/api/v1/secrets": () => controller.abort(reason),
    });
    const snapshot = await snapshotOf(server, { signal: controller.signal });
    expect(snapshot.error).toBe(reason);
    expect(snapshot.decoded.at(-1)).toMatchObject({ type: "snapshot.abort", reason: "interrupted" });
    expect(typesOf(snapshot)).not.toContain("snapshot.end");
  });

  it("is not sealed when the signal fires during the last kind", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    await using server = await serveCluster({
      "/api/v1/namespaces": (_, response) => {
        sendJson(response, { metadata: { resourceVersion: "370" }, items: [] });
      },
    });
    const delivered: OutgoingMessage[] = [];
    const snapshot = await snapshotOf(server, {
      signal: controller.signal,
      deliver: (messages) => {
        delivered.push(...messages);
        if (delivered.at(-1)?.value.includes('"namespaces"') === true) controller.abort(reason);
        return Promise.resolve();
      },
    });
    expect(snapshot.error).toBe(reason);
    expect(delivered.some(({ value }) => value.includes("snapshot.end"))).toBe(false);
  });

  it("tells the sink nothing more once delivery has failed", async () => {
    await using server = await serveCluster({});
    let calls = 0;
    const broken = new Error("disk full");
    const { error } = await snapshotOf(server, {
      deliver: () => (++calls === 3 ? Promise.reject(broken) : Promise.resolve()),
    });
    expect(error).toBe(broken);
    expect(calls).toBe(3);
  });

  it("says so although the delivery under way was interrupted by the signal", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    await using server = await serveCluster({});
    const types: string[] = [];
    const { error } = await snapshotOf(server, {
      signal: controller.signal,
      deliver: (messages) => {
        types.push((JSON.parse(messages[0]!.value) as { type: string }).type);
        if (types.length !== 2) return Promise.resolve();
        controller.abort(reason);
        return Promise.reject(reason);
      },
    });
    expect(error).toBe(reason);
    expect(types).toEqual(["snapshot.begin", "kind.end", "snapshot.abort"]);
  });

  it("comes to its end although saying so fails", async () => {
    await using server = await serveCluster({
      "/api/v1/pods": (_, response) => replay(response, "e1-401-bad-token"),
    });
    let calls = 0;
    const { error } = await snapshotOf(server, {
      deliver: () => (++calls === 1 ? Promise.resolve() : Promise.reject(new Error("gone as well"))),
    });
    expect(error).toMatchObject({ code: "unreachable" });
    expect(calls).toBe(2);
  });
});

describe("an object above the limit of a message", () => {
  it("makes its kind partial in the report as in the manifest", async () => {
    // random, so that packing does not help
    const labels = { big: randomBytes(60_000).toString("hex") };
    await using server = await serveCluster({
      "/api/v1/pods": (_, response) =>
        sendJson(response, {
          metadata: { resourceVersion: "370" },
          items: [{ metadata: { uid: "big", labels } }],
        }),
    });
    const { manifest, reports } = await snapshotOf(server, { composerLimit: 50_000 });
    expect(manifest?.kinds[0]).toMatchObject({ status: "partial", objects: 0 });
    expect(reports).toContainEqual(
      expect.objectContaining({ resource: "pods", status: "partial", objects: 0 }),
    );
  });
});
