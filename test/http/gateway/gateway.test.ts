import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import parse from "parse-prometheus-text-format";
import { describe, expect, it } from "vitest";
import { dial, eventOf, openWorld, type World } from "../../support/gateway-world.ts";

const EVENTS = "/api/events";

/** A request as bytes, its length as said or left out. */
async function bytesOf(world: World, body: string, headers: readonly string[]): Promise<string> {
  const token = await world.token("WRITE");
  const head = ["POST /api/events HTTP/1.1", "Host: x", `Authorization: Bearer ${token}`];
  return [...head, "Content-Type: application/json", ...headers, "", body].join("\r\n");
}

describe("who may come in", () => {
  it("wants a token, a valid one, and one that allows it, and says which of them it was", async () => {
    await using world = await openWorld();
    const without = await world.send(EVENTS, { body: {}, scopes: null });
    expect([without.status, without.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    for (const authorization of [
      "Bearer x",
      "Bearer a.b.c",
      "Basic dTpw",
      "Bearer ",
      `bearer ${"a".repeat(9_000)}.b.c`,
    ]) {
      const bad = await world.send(EVENTS, { body: {}, headers: { authorization }, scopes: null });
      expect([bad.status, bad.headers.get("www-authenticate")]).toEqual([
        401,
        'Bearer error="invalid_token"',
      ]);
      expect(bad.text).not.toContain("dTpw");
    }
    const reader = await world.send(EVENTS, { body: {}, scopes: ["READ"] });
    expect(reader.status).toBe(403);
    expect(reader.headers.get("www-authenticate")).toContain('scope="WRITE"');
    expect((await world.send("/api/reports/active-participants", { scopes: ["WRITE"] })).status).toBe(403);
    expect(world.events).toEqual([]);
  });

  it("reads no body of a stranger", async () => {
    await using world = await openWorld();
    const { socket, heard } = dial(world.port);
    socket.write(
      "POST /api/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n",
    );
    await expect.poll(heard).toMatch(/^HTTP\/1.1 401 /);
    socket.destroy();
  });

  it("knows its paths, their methods, and nothing of other sites", async () => {
    await using world = await openWorld();
    for (const path of ["/", "/api/events/", "/API/events", "/api/events/x", "/api//events", "/..%2fmetrics"])
      expect((await world.send(path, { body: {} })).status, path).toBe(404);
    const wrong = await world.send(EVENTS, { method: "DELETE" });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await world.send("/%", {})).json).toMatchObject({ error: { code: "invalid" } });
    const foreign = await world.send(EVENTS, { body: {}, headers: { origin: "https://evil.example" } });
    const names = [...foreign.headers.keys()];
    expect(names.filter((name) => /^access-control|^x-powered|^server$|^set-cookie/.test(name))).toEqual([]);
    expect(foreign.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await world.send(EVENTS, { method: "OPTIONS" })).status).toBe(405);
  });
});

describe("the limits", () => {
  it("takes JSON in UTF-8, not packed", async () => {
    await using world = await openWorld();
    const raw = "{}";
    for (const type of ["text/plain", "application/xml", "application/x-ndjson", "application/jsonx", "x"])
      expect((await world.send(EVENTS, { raw, type })).status, type).toBe(415);
    expect((await world.send(EVENTS, { raw, type: "application/json; charset=utf-16" })).status).toBe(415);
    expect((await world.send(EVENTS, { raw, headers: { "content-encoding": "gzip" } })).status).toBe(415);
    expect((await world.send(EVENTS, { raw, type: "Application/JSON; charset=UTF-8" })).status).toBe(201);
    expect((await world.send(EVENTS, { method: "POST" })).status).toBe(400);
  });

  it("refuses a body that is too large, whether or not it says so before", async () => {
    await using world = await openWorld({ bodyBytes: 1_000 });
    const raw = `{"a":"${"x".repeat(200_000)}"}`;
    const said = await world.send(EVENTS, { raw });
    expect([said.status, said.json]).toEqual([
      413,
      { error: { code: "too_large", message: "a body has at most 1000 bytes" } },
    ]);
    const stream = new Blob([raw]).stream();
    expect((await world.send(EVENTS, { raw: stream })).status).toBe(413);
    expect((await world.send(EVENTS, { body: {} })).status).toBe(201);
  });

  it("slows one user down, and not the others", async () => {
    await using world = await openWorld({ userRate: { burst: 2, perSecond: 0.1 } });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await world.send(EVENTS, { body: {} })).status);
    expect(statuses).toEqual([201, 201, 429]);
    const limited = await world.send(EVENTS, { body: {} });
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(5);
    expect((await world.send("/healthz", { scopes: null })).status).toBe(200);
  });

  it("sends requests away before memory fills, and still answers about itself", async () => {
    await using world = await openWorld({ requests: 100, bytesAtOnce: 2_000 });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    world.take = async () => {
      await held;
      return { kind: "taken", mode: "kafka", id: "a" };
    };
    const raw = `{"a":"${"x".repeat(900)}"}`;
    const first = [world.send(EVENTS, { raw }), world.send(EVENTS, { raw })];
    await expect.poll(() => world.calls.length).toBe(2);
    const away = await world.send(EVENTS, { raw });
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await world.send("/metrics", {})).text).toContain("clusterflow_http_requests_in_flight 2");
    release();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([201, 201]);
    expect((await world.send(EVENTS, { raw })).status).toBe(201);
  });
});

describe("what is no proper HTTP", () => {
  it("is let go of: slow headers, a slow body, and nothing at all", async () => {
    await using world = await openWorld({ headersMs: 300, requestMs: 600, silenceMs: 900 });
    const slow = dial(world.port);
    slow.socket.write("POST /api/events HTTP/1.1\r\nHost:");
    const body = dial(world.port);
    body.socket.write(await bytesOf(world, '{"a"', ["Content-Length: 100"]));
    const idle = dial(world.port);
    expect(await slow.closed).toMatch(/^HTTP\/1.1 408 [^]*"the request came too slowly"/);
    expect(await body.closed).toMatch(/^HTTP\/1.1 408 /);
    await idle.closed;
    expect((await world.send(EVENTS, { body: {} })).status).toBe(201);
    expect(world.events.length).toBe(1);
  });

  it("is refused: garbage, huge headers, two lengths, a broken chunk", async () => {
    await using world = await openWorld();
    const sent = async (bytes: string): Promise<string> => {
      const { socket, closed } = dial(world.port);
      socket.write(bytes);
      return closed;
    };
    expect(await sent("\u0000\u0001 nonsense\r\n\r\n")).toMatch(
      /^HTTP\/1.1 400 [^]*"this is no HTTP request"/,
    );
    expect(await sent(`GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(40_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    const both = ["Content-Length: 2", "Transfer-Encoding: chunked"];
    expect(await sent(await bytesOf(world, "0\r\n\r\n", both))).toMatch(/^HTTP\/1.1 400 /);
    expect(await sent(await bytesOf(world, "{}", ["Content-Length: 2", "Content-Length: 3"]))).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect(await sent(await bytesOf(world, "zz\r\n{}\r\n", ["Transfer-Encoding: chunked"]))).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect(world.events).toEqual([]);
  });

  it("does no harm: a body that breaks off, a client that only listens, two requests in one go", async () => {
    await using world = await openWorld();
    const cut = dial(world.port);
    cut.socket.write(await bytesOf(world, '{"a":1', ["Content-Length: 100"]));
    cut.socket.end();
    await cut.closed;
    const half = dial(world.port);
    half.socket.end(await bytesOf(world, "{}", ["Content-Length: 2"]));
    // Node hangs up on it; whether its event is down by then it cannot know, and may post it again
    await half.closed;
    const before = world.events.length;
    const two = dial(world.port);
    const request = await bytesOf(world, "{}", ["Content-Length: 2"]);
    two.socket.write(request + request);
    await expect.poll(() => two.heard().match(/HTTP\/1.1 201 /g)?.length).toBe(2);
    two.socket.destroy();
    expect(world.events.length).toBe(before + 2);
  });
});

describe("reports", () => {
  const path = "/api/reports/active-participants";
  const session = "900e8400-e29b-41d4-a716-446655440000";

  it("are asked with their parameters, defaults put in", async () => {
    await using world = await openWorld();
    const reply = await world.send(`${path}?session_id=${session.toUpperCase()}&page=2`, {});
    expect([reply.status, reply.json]).toEqual([200, { rows: [] }]);
    expect(world.asked).toEqual([
      ["active-participants", { session_id: session, time_range: "60m", page: 2, page_size: 50 }],
    ]);
  });

  it("tell how things were, at a time that is asked for", async () => {
    await using world = await openWorld();
    await world.send(`${path}?session_id=${session}&as_of=2026-01-31T10:00:00.5%2B02:00`, {});
    await world.send(`${path}?session_id=${session}`, {});
    expect(world.asked.map(([, values]) => values["as_of"])).toEqual([
      "2026-01-31T10:00:00.5+02:00",
      undefined,
    ]);
    const document = await world.send("/openapi.json", { scopes: null });
    const { parameters } = (document.json as { paths: Record<string, { get: { parameters: unknown[] } }> })
      .paths[path]!.get;
    expect(parameters).toContainEqual({
      ...{ name: "as_of", in: "query", description: "Until when.", required: false },
      schema: { type: "string", format: "date-time" },
    });
  });

  it.each([
    ["", "session_id", "the parameter session_id is wanted"],
    ["?session_id=test-001", "session_id", "the parameter session_id has to be one UUID"],
    [
      `?session_id=${session}&session_id=${session}`,
      "session_id",
      "the parameter session_id has to be one UUID",
    ],
    [
      `?session_id=${session}&page=0`,
      "page",
      "the parameter page has to be one whole number from 1 to 1000000",
    ],
    [
      `?session_id=${session}&page_size=1001`,
      "page_size",
      "the parameter page_size has to be one whole number from 1 to 1000",
    ],
    [
      `?session_id=${session}&page_size=1e2`,
      "page_size",
      "the parameter page_size has to be one whole number from 1 to 1000",
    ],
    [
      `?session_id=${session}&time_range=0m`,
      "time_range",
      "the parameter time_range has to be one period: a number and m, h or d, such as 60m or 7d",
    ],
    [
      `?session_id=${session}&as_of=2026-02-30T10:00:00Z`,
      "as_of",
      "the parameter as_of has to be one time with its zone, such as 2026-01-31T10:00:00Z (%2B stands for a +)",
    ],
    [
      `?session_id=${session}&pages=1`,
      "pages",
      "the parameter pages is not known here; known are session_id, time_range, as_of, page, page_size",
    ],
  ])("name the parameter that is no good: %s", async (query, field, message) => {
    await using world = await openWorld();
    const reply = await world.send(`${path}${query}`, {});
    expect([reply.status, reply.json]).toEqual([400, { error: { code: "invalid", field, message } }]);
    expect(world.asked).toEqual([]);
  });

  it("say what their database says: refused, not known, away", async () => {
    await using world = await openWorld();
    world.answer = () => ({ kind: "refused", field: "measures", reason: "no such measure" });
    expect(await world.send("/api/reports/query", { body: { measures: ["x"] } })).toMatchObject({
      status: 400,
      json: { error: { field: "measures", message: "no such measure" } },
    });
    world.answer = () => ({ kind: "missing", reason: "no such session" });
    expect((await world.send(`${path}?session_id=${session}`, {})).status).toBe(404);
    world.answer = () => ({ kind: "unavailable", retryAfterS: 5, reason: "the database is away" });
    expect((await world.send(`${path}?session_id=${session}`, {})).headers.get("retry-after")).toBe("5");
  });
});

describe("what it says about itself", () => {
  it("is ready while events are taken, and names what is away", async () => {
    await using world = await openWorld();
    world.away = ["kafka", "database"];
    expect(await world.send("/readyz", { scopes: null })).toMatchObject({
      status: 200,
      json: { ok: true, away: ["kafka", "database"] },
    });
  });

  it("tells whether it is ready, and counts requests and records", async () => {
    await using world = await openWorld();
    expect((await world.send("/readyz", { scopes: null })).json).toEqual({ ok: true });
    world.notReady = "the spool is full";
    expect(await world.send("/readyz", { scopes: null })).toMatchObject({
      status: 503,
      json: { ok: false, why: "the spool is full" },
    });
    await world.send("/api/events/batch", { body: [eventOf("a"), 1] });
    await world.send("/secret-path", {});
    const { text, headers } = await world.send("/metrics", { scopes: null });
    expect(headers.get("content-type")).toMatch(/^text\/plain; version=0.0.4/);
    expect(text).not.toContain("secret-path");
    const families = new Map(parse(text).map(({ name, metrics }) => [name, metrics]));
    expect(families.get("clusterflow_http_requests_total")).toContainEqual({
      labels: { route: "/api/events/batch", status: "201" },
      value: "1",
    });
    expect(families.get("clusterflow_ingest_records_total")).toContainEqual({
      labels: { mode: "kafka" },
      value: "1",
    });
    expect(families.get("clusterflow_ingest_records_refused_total")).toEqual([{ value: "1" }]);
    expect(families.get("clusterflow_http_request_seconds")?.[0]).toMatchObject({ count: "4" });
  });
});

describe("closing", () => {
  it("lets what is in flight come to its end, and takes nothing new", async () => {
    const world = await openWorld();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    world.take = async () => {
      await held;
      return { kind: "taken", mode: "kafka", id: "a" };
    };
    const asked = world.send(EVENTS, { body: {} });
    await expect.poll(() => world.calls.length).toBe(1);
    const closed = world[Symbol.asyncDispose]();
    await expect
      .poll(() =>
        fetch(`${world.url}/healthz`).then(
          () => "open",
          () => "closed",
        ),
      )
      .toBe("closed");
    release();
    expect((await asked).status).toBe(201);
    await closed;
  });

  it("waits no longer than it was told to, and leaves no socket behind", async () => {
    const world = await openWorld({ closeMs: 200 });
    world.take = () => new Promise(() => undefined);
    const asked = world.send(EVENTS, { body: {} }).then(
      () => "answered",
      () => "hung up",
    );
    const idle = dial(world.port);
    await once(idle.socket, "connect");
    await expect.poll(() => world.calls.length).toBe(1);
    const begun = performance.now();
    await world[Symbol.asyncDispose]();
    expect(performance.now() - begun).toBeLessThan(1_500);
    expect(await asked).toBe("hung up");
    await idle.closed;
  });
});

describe("opening", () => {
  it("says that its port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(openWorld({}, { address: { host: "127.0.0.1", port } })).rejects.toMatchObject({
      code: "usage",
      message: `127.0.0.1:${port}: another program listens there already`,
    });
    other.close();
    await delay(1);
  });
});
