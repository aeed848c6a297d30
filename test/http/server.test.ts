import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import parse from "parse-prometheus-text-format";
import { describe, expect, it } from "vitest";
import { openStatusServer, type StatusServer } from "../../src/http/server.ts";
import { Observed } from "../../src/pipeline/observed.ts";

const ADDRESS = { host: "127.0.0.1", port: 0 };

async function open(observed = new Observed("t")): Promise<StatusServer & { readonly port: number }> {
  const server = await openStatusServer(ADDRESS, observed);
  return { ...server, port: Number(new URL(server.url).port) };
}

/** Sends these bytes and resolves with all that comes until the server hangs up. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString())).on("error", () => undefined);
  socket.write(bytes);
  await close(socket);
  return answer;
}

/** Whether it was hung up or reset. */
async function close(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
}

/** Node's own client: `fetch` keeps sockets for later. */
async function ask(
  url: string,
  method = "GET",
): Promise<{ status: number; text: string; allow: string | undefined }> {
  const asked = request(url, { method, agent: false }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, text, allow: response.headers.allow };
}

describe("the status server", () => {
  it("answers GET and HEAD of three paths, and nothing else", async () => {
    await using server = await open();
    expect(await ask(`${server.url}/healthz`)).toMatchObject({ status: 200, text: '{"ok":true}\n' });
    const ready = await ask(`${server.url}/readyz?verbose=1`);
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toEqual({ ok: false, why: "not a member of the consumer group yet" });
    expect(parse((await ask(`${server.url}/metrics`)).text).length).toBeGreaterThan(10);
    expect(await ask(`${server.url}/metrics`, "HEAD")).toMatchObject({ status: 200, text: "" });
    for (const path of ["/", "/healthz/", "/%2e%2e/x", "/metrics%2f", "//healthz", "/Healthz"])
      expect((await ask(`${server.url}${path}`)).status, path).toBe(404);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
      expect(await ask(`${server.url}/healthz`, method)).toMatchObject({ status: 405, allow: "GET, HEAD" });
  });

  it("takes no body, and does not wait for it", async () => {
    await using server = await open();
    const length = "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
    expect(await exchange(server.port, length)).toMatch(/^HTTP\/1.1 400 /);
    const chunked = "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n";
    expect(await exchange(server.port, chunked)).toMatch(/^HTTP\/1.1 400 /);
  });

  it("refuses huge headers and what is no HTTP", async () => {
    await using server = await open();
    const huge = `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(100_000)}\r\n\r\n`;
    expect(await exchange(server.port, huge)).toMatch(/^HTTP\/1.1 431 /);
    expect(await exchange(server.port, "\u0000\u0001\u0002 nonsense\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    expect((await ask(`${server.url}/healthz`)).status).toBe(200);
  });

  it("lets go of a thousand idle sockets and half requests within seconds, and answers meanwhile or soon after", async () => {
    await using server = await open();
    const sockets: Socket[] = Array.from({ length: 1_000 }, (_, n) => {
      const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
      if (n % 2 === 0) socket.write("GET /healthz HTTP/1.1\r\nHost:");
      return socket.resume();
    });
    const closed = Promise.all(sockets.map(close));
    await expect(Promise.race([closed, delay(15_000, "still open")])).resolves.not.toBe("still open");
    expect((await ask(`${server.url}/healthz`)).status).toBe(200);
  });

  it("ends at once though somebody hangs on, and leaves no socket behind", async () => {
    const server = await open();
    const idle = connect(server.port, "127.0.0.1").on("error", () => undefined);
    const half = connect(server.port, "127.0.0.1").on("error", () => undefined);
    half.write("GET /healthz HTTP/1.1\r\n");
    await Promise.all([once(idle, "connect"), once(half, "connect")]);
    const gone = Promise.all([idle.resume(), half.resume()].map(close));
    const begun = performance.now();
    await server[Symbol.asyncDispose]();
    await gone;
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it("says that its port is taken, and how to get another", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(openStatusServer({ host: "127.0.0.1", port }, new Observed("t"))).rejects.toMatchObject({
      code: "usage",
      message: `--http 127.0.0.1:${port}: another program listens there already`,
      hint: expect.stringContaining("--http 0") as string,
    });
    other.close();
  });

  it("says that a host is not this machine's", async () => {
    await expect(openStatusServer({ host: "192.0.2.1", port: 0 }, new Observed("t"))).rejects.toMatchObject({
      message: "--http 192.0.2.1:0: this machine does not have that address",
    });
  });
});
