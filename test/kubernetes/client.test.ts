import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/core/version.ts";
import { type ApiServer, replay, sendJson, sendNotFound, sendStatus, serve } from "./api-server.ts";
import { reader } from "./reader.ts";
import { rejection, temporaryDirectory } from "./temporary.ts";

const PODS = { path: () => "/api/v1/pods?limit=2" };
/** The requests that a test means: not the probes of the server's readiness. */
function asked(server: ApiServer): number {
  return server.requests.filter(({ path }) => path !== "/readyz").length;
}

const LIMITS = { connectMs: 1000, totalMs: 2000, bodyBytes: 1024 * 1024 };

describe("a GET", () => {
  it("brings the body of a real server's answer, and names who asks", async () => {
    await using server = await serve((_, response) => replay(response, "a1-pods-limit2"));
    using own = await reader({ server: server.url, token: "abc" });
    const answer = await own.client.get(PODS);
    expect(answer).toMatchObject({
      kind: "ok",
      body: { kind: "PodList", metadata: { resourceVersion: "370" } },
    });
    own.client.nameSnapshot("0b1c");
    await own.client.get(PODS);
    expect(server.requests.map(({ headers }) => headers["user-agent"])).toEqual([
      `clusterflow/${VERSION} (collect)`,
      `clusterflow/${VERSION} (collect; snapshot=0b1c)`,
    ]);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: "Bearer abc",
      accept: "application/json",
    });
  });

  it("keeps its connection for the next", async () => {
    const ports = new Set<number | undefined>();
    await using server = await serve((_, response) => {
      ports.add(response.socket?.remotePort);
      sendJson(response, {});
    });
    using own = await reader({ server: server.url });
    for (let i = 0; i < 5; i++) await own.client.get(PODS);
    expect(asked(server)).toBe(5);
    expect(ports.size).toBe(1);
  });

  it("goes below the path of the server's address", async () => {
    await using server = await serve((_, response) => sendJson(response, {}));
    using own = await reader({ server: `${server.url}/k8s/clusters/c-1/` });
    await own.client.get(PODS);
    expect(server.requests[0]?.path).toBe("/k8s/clusters/c-1/api/v1/pods");
  });

  it("unpacks a packed answer of a real server", async () => {
    const packed = readFileSync(
      join(import.meta.dirname, "../recordings/kubernetes/i1-gzip-pods-large.body.gz"),
    );
    await using server = await serve((_, response) => {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Encoding": "gzip" });
      response.end(packed);
    });
    using own = await reader({ server: server.url });
    expect(await own.client.get(PODS)).toMatchObject({ kind: "ok", body: { kind: "PodList" } });
    expect(server.requests[0]?.headers["accept-encoding"]).toBe("gzip");
  });

  it("does not unpack more than its bound", async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { "Content-Encoding": "gzip" });
      response.end(gzipSync(Buffer.alloc(50 * 1024 * 1024)));
    });
    using own = await reader({ server: server.url }, { limits: LIMITS });
    const answer = await own.client.get(PODS);
    expect(answer).toMatchObject({
      kind: "failure",
      why: "too-large",
      reason: "an answer of more than 1048576 bytes",
    });
    expect(asked(server)).toBe(1);
  });

  it.each([
    [
      "d1-403-list-secrets",
      403,
      'secrets is forbidden: User "reader" cannot list resource "secrets" in API group "" at the cluster scope',
    ],
    ["d7-404-unknown-group-admin", 404, "404 page not found"],
    ["e4-405", 405, "the server does not allow this method on the requested resource"],
    ["b12-exact-rv0", 422, 'ListOptions.meta.k8s.io "" is invalid'],
  ])("brings the server's own words when it will not: %s", async (name, httpStatus, message) => {
    await using server = await serve((_, response) => replay(response, name));
    using own = await reader({ server: server.url });
    expect(await own.client.get(PODS)).toMatchObject({
      kind: "refused",
      httpStatus,
      message: expect.stringContaining(message) as string,
      continueToken: null,
    });
    expect(asked(server)).toBe(1);
    expect(own.reports).toEqual([]);
  });
});

describe("a GET that fails", () => {
  it.each([
    ["500", (response) => sendStatus(response, 500, "etcd")],
    ["502", (response) => sendStatus(response, 502, "proxy")],
    ["503", (response) => sendStatus(response, 503, "starting")],
    ["504", (response) => sendStatus(response, 504, "slow")],
    ["429", (response) => sendStatus(response, 429, "too many")],
    ["a broken connection", (response) => response.destroy()],
    ["an empty body", (response) => response.end()],
    ["a page of a proxy", (response) => response.end("<html>sign in</html>")],
    ["a list instead of an object", (response) => response.end("[]")],
    [
      "a body that was cut off",
      (response) => {
        response.writeHead(200, { "Content-Length": "100" });
        response.write('{"kind":', () => response.destroy());
      },
    ],
    [
      "a packed body that was cut off",
      (response) => {
        response.writeHead(200, { "Content-Encoding": "gzip" });
        response.end(gzipSync(JSON.stringify({ a: "b".repeat(1000) })).subarray(0, 20));
      },
    ],
  ] satisfies [string, (response: ServerResponse) => void][])(
    "is sent again, telling of the outage once: %s",
    async (_, fail) => {
      let count = 0;
      await using server = await serve((_seen, response) =>
        ++count <= 2 ? fail(response) : sendJson(response, { kind: "PodList" }),
      );
      using own = await reader({ server: server.url });
      expect(await own.client.get(PODS)).toMatchObject({ kind: "ok", body: { kind: "PodList" } });
      expect(asked(server)).toBe(3);
      expect(own.reports.map(({ kind }) => kind)).toEqual(["waiting", "resumed"]);
      expect(own.reports[0]).toMatchObject({ for: `Kubernetes API server 127.0.0.1:${server.port}` });
    },
  );

  it("waits as long as the server asks", async () => {
    let count = 0;
    const times: number[] = [];
    await using server = await serve((_, response) => {
      times.push(performance.now());
      if (++count === 1) sendStatus(response, 429, "too many", { "Retry-After": "1" });
      else sendJson(response, {});
    });
    using own = await reader({ server: server.url });
    await own.client.get(PODS);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
  });

  it("is sent again without a word when the server had closed the kept connection", async () => {
    let count = 0;
    await using server = await serve((_, response) => {
      // the second comes on the kept connection, and that one is gone as after a restart
      if (++count === 2) response.socket?.resetAndDestroy();
      else sendJson(response, {});
    });
    using own = await reader({ server: server.url });
    await own.client.get(PODS);
    expect(await own.client.get(PODS)).toMatchObject({ kind: "ok" });
    expect(asked(server)).toBe(3);
    expect(own.reports).toEqual([]);
  });

  it("asks for less when the caller makes it smaller", async () => {
    await using server = await serve((seen, response) => {
      if (seen.query.get("limit") === "500") sendStatus(response, 504, "slow");
      else sendJson(response, {});
    });
    using own = await reader({ server: server.url });
    let limit = 500;
    const answer = await own.client.get({
      path: () => `/api/v1/pods?limit=${limit}`,
      onFailure: () => {
        limit = 250;
        return true;
      },
    });
    expect(answer.kind).toBe("ok");
    expect(server.requests.map(({ query }) => query.get("limit"))).toEqual(["500", "250"]);
  });

  it("is let go when the server is ready and only this request fails", async () => {
    await using server = await serve((seen, response) => {
      if (seen.path === "/readyz") response.end("ok");
      else sendStatus(response, 500, "unable to transform key");
    });
    using own = await reader({ server: server.url });
    const answer = await own.client.get(PODS);
    expect(answer).toMatchObject({
      kind: "failure",
      httpStatus: 500,
      reason: "500: unable to transform key",
    });
  });

  it("takes a readiness check that is forbidden for a server that is alive", async () => {
    await using server = await serve((seen, response) => {
      if (seen.path === "/readyz") sendNotFound(response);
      else response.destroy();
    });
    using own = await reader({ server: server.url });
    expect(await own.client.get(PODS)).toMatchObject({ kind: "failure", why: "network" });
  });

  it("ends as unreachable when the outage lasts too long", async () => {
    await using server = await serve((_, response) => sendStatus(response, 503, "etcd is away"));
    using own = await reader({ server: server.url }, { giveUpAfterMs: 300 });
    const error = await rejection(own.client.get(PODS));
    expect(error).toMatchObject({ code: "unreachable", hint: `curl -k ${server.url}/readyz` });
    expect(error.message).toMatch(
      new RegExp(
        `^Kubernetes API server 127.0.0.1:${server.port} does not answer: 503: etcd is away \\(given up after`,
      ),
    );
    expect(own.reports.map(({ kind }) => kind)).toEqual(["waiting"]);
  });

  it("ends as unreachable when nobody listens", async () => {
    const gone = await serve(() => undefined);
    await gone[Symbol.asyncDispose]();
    using own = await reader({ server: gone.url }, { giveUpAfterMs: 100 });
    const error = await rejection(own.client.get(PODS));
    expect(error.message).toContain("connection refused (ECONNREFUSED)");
  });

  it("is too slow when the whole answer does not come in time", async () => {
    await using server = await serve((seen, response) => {
      if (seen.path === "/readyz") return void response.end("ok");
      response.writeHead(200);
      response.write("{");
    });
    using own = await reader(
      { server: server.url },
      { limits: { ...LIMITS, totalMs: 100 }, giveUpAfterMs: 150 },
    );
    const error = await rejection(own.client.get(PODS));
    expect(error.message).toContain("no whole answer within 0.1 s");
  });

  it("is waited for while the server answers others, and no longer", async () => {
    let isFrozen = false;
    await using server = await serve((seen, response) => {
      if (isFrozen) return;
      if (seen.path === "/readyz") return void response.end("ok");
      setTimeout(() => sendJson(response, { slow: true }), 300);
    });
    using own = await reader({ server: server.url }, { quietMs: 100, giveUpAfterMs: 150 });
    expect(await own.client.get(PODS)).toMatchObject({ kind: "ok", body: { slow: true } });
    isFrozen = true;
    const error = await rejection(own.client.get(PODS));
    expect(error.message).toContain("does not answer: nothing comes back any more (given up after");
  });

  it("ends at once, with the signal's reason, when the signal fires", async () => {
    await using server = await serve(() => undefined);
    using own = await reader({ server: server.url });
    const answer = own.client.get(PODS);
    setTimeout(() => own.controller.abort(new Error("enough")), 20);
    await expect(answer).rejects.toThrow("enough");
  });

  it("ends at once when the signal fires during a pause that the server asked for", async () => {
    await using server = await serve((_, response) =>
      sendStatus(response, 503, "starting", { "Retry-After": "60" }),
    );
    const controller = new AbortController();
    // the back-off's own first pause is at most 200 ms; after it the server's begins
    const tell = (): void => void setTimeout(() => controller.abort(new Error("enough")), 300);
    using own = await reader(
      { server: server.url },
      { giveUpAfterMs: null, signal: controller.signal, tell },
    );
    await expect(own.client.get(PODS)).rejects.toThrow("enough");
    expect(asked(server)).toBe(1);
  });
});

describe("a GET that is refused by a server that is starting", () => {
  it.each(["d1-403-list-secrets", "e1-401-bad-token"])(
    "is sent again until the server is ready: %s",
    async (refusal) => {
      let isReady = false;
      await using server = await serve(({ path }, response) => {
        if (path === "/readyz") {
          sendStatus(response, 500, "[-]poststarthook/rbac/bootstrap-roles failed");
          isReady = true;
        } else if (isReady) sendJson(response, {});
        else replay(response, refusal);
      });
      using own = await reader({ server: server.url, token: "abc" });
      expect((await own.client.get(PODS)).kind).toBe("ok");
      expect(own.reports.map(({ kind }) => kind)).toEqual(["waiting", "resumed"]);
      const probes = server.requests.filter(({ path }) => path === "/readyz");
      expect(probes.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    },
  );
});

describe("a GET that is not authenticated", () => {
  it("ends at once, naming the credentials and not their value", async () => {
    await using server = await serve((_, response) => replay(response, "e1-401-bad-token"));
    using own = await reader({ server: server.url, token: "s3cret" });
    const error = await rejection(own.client.get(PODS));
    expect(error).toMatchObject({ code: "unreachable", vendorCode: "401" });
    expect(error.message).toContain("does not accept the token that was given (401 Unauthorized)");
    expect(`${error.message}${error.hint ?? ""}`).not.toContain("s3cret");
    expect(asked(server)).toBe(1);
  });

  it("is sent once more with a token file read again", async () => {
    using directory = temporaryDirectory();
    const config = {
      "current-context": "x",
      contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
      users: [{ name: "x", user: { tokenFile: "token" } }],
    };
    directory.write("token", "old");
    await using server = await serve((seen, response) => {
      const isNew = seen.headers.authorization === "Bearer new";
      directory.write("token", "new");
      if (isNew) sendJson(response, {});
      else replay(response, "e1-401-bad-token");
    });
    const clusters = [{ name: "x", cluster: { server: server.url } }];
    using own = await reader({
      kubeconfig: [directory.write("config", JSON.stringify({ ...config, clusters }))],
    });
    expect((await own.client.get(PODS)).kind).toBe("ok");
    expect(asked(server)).toBe(2);
    expect(own.reports).toEqual([]);
  });

  it("runs the exec plugin once more, and no more often", async () => {
    using directory = temporaryDirectory();
    const version = "client.authentication.k8s.io/v1";
    const script = `#!/bin/sh\necho run >> '${directory.path}/runs'\nprintf '%s' '${JSON.stringify({ apiVersion: version, kind: "ExecCredential", status: { token: "t" } })}'\n`;
    directory.write("login", script, 0o700);
    await using server = await serve((_, response) => replay(response, "e1-401-bad-token"));
    const config = {
      "current-context": "x",
      clusters: [{ name: "x", cluster: { server: server.url } }],
      contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
      users: [{ name: "x", user: { exec: { apiVersion: version, command: "./login" } } }],
    };
    using own = await reader(
      { kubeconfig: [directory.write("config", JSON.stringify(config))] },
      {},
      process.env,
    );
    const error = await rejection(own.client.get(PODS));
    expect(error.message).toContain('login" gave for user "x" (401 Unauthorized)');
    expect(asked(server)).toBe(2);
    expect(readFileSync(`${directory.path}/runs`, "utf8")).toBe("run\nrun\n");
  });
});
