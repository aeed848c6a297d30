import { once } from "node:events";
import net from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { EVERYBODY, run } from "./running.ts";

/** Sends bytes as they are and reads until the server hangs up. */
async function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(bytes);
  return text(socket);
}

describe("the simulated server", () => {
  it("goes on after a request that cannot be understood", async () => {
    await using server = await run(60);
    await raw(server.url, "GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect((await server.ask("/readyz")).status).toBe(200);
  });

  it("goes on after a client that leaves in the middle of a list", async () => {
    await using server = await run(3000);
    const leaving = new AbortController();
    const response = await fetch(`${server.url}/api/v1/pods`, { signal: leaving.signal });
    await response.body!.getReader().read();
    leaving.abort();
    await server.post("/simulator/changes", {
      create: { resource: "pods", namespace: "default", name: "new" },
    });
    await server.post("/simulator/compact", {});
    expect((await server.ask("/api/v1/namespaces/default/pods/new")).status).toBe(200);
  });

  it("lets strangers see its health and version, and nothing else, where there is a token", async () => {
    await using server = await run(60, { ...EVERYBODY, token: "secret" });
    const paths = ["/healthz", "/livez", "/readyz", "/version", "/api", "/apis/apps/v1", "/api/v1/pods"];
    const statuses = await Promise.all(paths.map(async (path) => (await server.ask(path)).status));
    expect(statuses).toEqual([200, 200, 200, 200, 403, 403, 403]);
    expect(await server.ask("/api")).toMatchObject({
      body: {
        message: 'forbidden: User "system:anonymous" cannot get path "/api"',
        reason: "Forbidden",
        details: {},
      },
    });
  });

  it("lets everybody in, with any token or none, where there is no token", async () => {
    await using server = await run(60);
    expect((await server.ask("/api/v1/pods")).status).toBe(200);
    expect((await server.ask("/api/v1/pods", { authorization: "Bearer whatever" })).status).toBe(200);
  });

  it("knows no watches and says so", async () => {
    await using server = await run(60);
    expect(await server.ask("/api/v1/pods?watch=true")).toMatchObject({
      status: 400,
      body: { message: "the simulated API server serves no watches" },
    });
  });
});
