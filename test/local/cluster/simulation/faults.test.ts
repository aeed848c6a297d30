import { performance } from "node:perf_hooks";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { run, type Running } from "../running.ts";

describe("a fault", () => {
  let server: Running;
  beforeAll(async () => {
    server = await run(100);
  });
  afterEach(() => fetch(`${server.url}/simulator/faults`, { method: "DELETE" }));
  afterAll(() => server[Symbol.asyncDispose]());

  async function statuses(path: string, times: number): Promise<number[]> {
    const seen: number[] = [];
    for (let asked = 0; asked < times; asked += 1) seen.push((await server.ask(path)).status);
    return seen;
  }

  it("happens so many times after so many requests that go right, and only to its kind", async () => {
    await server.post("/simulator/faults", { fault: "503", resource: "pods", times: 2, skip: 2 });
    expect(await statuses("/api/v1/secrets?limit=1", 3)).toEqual([200, 200, 200]);
    expect(await statuses("/api/v1/pods?limit=1", 6)).toEqual([200, 200, 503, 503, 200, 200]);
  });

  it("429 turns away in plain text and says for how long", async () => {
    await server.post("/simulator/faults", { fault: "429", retryAfterSeconds: 7 });
    const { status, headers, body } = await server.ask("/version");
    expect([status, headers.get("retry-after")]).toEqual([429, "7"]);
    expect(body).toBe("Too many requests, please try again later.\n");
  });

  it("403 is a Status like any other denial", async () => {
    await server.post("/simulator/faults", { fault: "403", resource: "nodes" });
    expect(await server.ask("/api/v1/nodes")).toMatchObject({
      status: 403,
      body: { reason: "Forbidden", details: { kind: "nodes" } },
    });
  });

  it("410 forgets the revision of one request: with a token to go on for a page, without one for an exact list", async () => {
    const first = (await server.ask("/api/v1/pods?limit=2")).body as {
      metadata: { continue: string; resourceVersion: string };
    };
    await server.post("/simulator/faults", { fault: "410", resource: "pods", times: 2 });
    const page = await server.ask(`/api/v1/pods?limit=2&continue=${first.metadata.continue}`);
    expect(page).toMatchObject({
      status: 410,
      body: { metadata: { continue: expect.any(String) as string } },
    });
    const exact = `resourceVersion=${first.metadata.resourceVersion}&resourceVersionMatch=Exact`;
    expect(await server.ask(`/api/v1/pods?${exact}`)).toMatchObject({ status: 410, body: { metadata: {} } });
    expect((await server.ask(`/api/v1/pods?${exact}`)).status).toBe(200);
  });

  it("slow lets the answer wait", async () => {
    await server.post("/simulator/faults", { fault: "slow", delayMs: 150 });
    const before = performance.now();
    expect((await server.ask("/api/v1/nodes")).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(140);
  });

  it("reset breaks the connection before an answer", async () => {
    await server.post("/simulator/faults", { fault: "reset", resource: "pods" });
    await expect(fetch(`${server.url}/api/v1/pods`)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect((await server.ask("/api/v1/pods?limit=1")).status).toBe(200);
  });

  it("truncate breaks it in the middle of the body, after a status of 200", async () => {
    await server.post("/simulator/faults", { fault: "truncate", resource: "pods" });
    const response = await fetch(`${server.url}/api/v1/pods`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it("that does not exist is refused with the names of those that do", async () => {
    await expect(server.post("/simulator/faults", { fault: "500" })).rejects.toThrow(/one of 403, 410, 429/);
    await expect(server.post("/simulator/faults", { fault: "429", time: 3 })).rejects.toThrow(
      /no field \\"time\\"/,
    );
  });
});
