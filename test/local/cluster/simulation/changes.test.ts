import { describe, expect, it } from "vitest";
import { run } from "../running.ts";

describe("a change", () => {
  it("creates an object that looks like the others of its kind, under a name, labels and data of its own", async () => {
    await using server = await run(100);
    const create = {
      resource: "secrets",
      namespace: "default",
      name: "mine",
      labels: { a: "b" },
      data: { key: "value" },
    };
    await server.post("/simulator/changes", { create });
    const { body } = await server.ask("/api/v1/namespaces/default/secrets/mine");
    expect(body).toMatchObject({
      kind: "Secret",
      metadata: { name: "mine", labels: { a: "b" }, resourceVersion: String(server.store.revision) },
      data: { key: Buffer.from("value").toString("base64") },
    });
    expect(JSON.stringify(body)).toContain("f:key");
  });

  it("scales a deployment: replicas, generation and version move, the uid stays", async () => {
    await using server = await run(100);
    type Deployment = {
      metadata: { name: string; namespace: string; uid: string; generation: number };
      spec: object;
    };
    const before = ((await server.ask("/apis/apps/v1/deployments")).body as { items: Deployment[] })
      .items[0]!;
    const { name, namespace, uid, generation } = before.metadata;
    await server.post("/simulator/changes", [{ scale: { namespace, name, replicas: 7 } }]);
    const { body } = await server.ask(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    const metadata = { uid, generation: generation + 1, resourceVersion: String(server.store.revision) };
    expect(body).toMatchObject({
      metadata,
      spec: { ...before.spec, replicas: 7 },
      status: { readyReplicas: 7 },
    });
  });

  it.each([
    [
      { delete: { resource: "pods", namespace: "default", name: "nobody" } },
      /pods .*default\/nobody.* not found/,
    ],
    [{ create: { resource: "pods", name: "nowhere" } }, /needs .*namespace/],
    [{ create: { resource: "pod", namespace: "default", name: "x" } }, /no resource .*pod/],
    [{ create: { resource: "namespaces", name: "default" } }, /already exists/],
    [{ destroy: {} }, /no field .*destroy/],
  ])("that makes no sense is refused with the reason: %j", async (change, reason) => {
    await using server = await run(60);
    const { revision } = server.store;
    await expect(server.post("/simulator/changes", change)).rejects.toThrow(reason);
    expect(server.store.revision).toBe(revision);
  });
});
