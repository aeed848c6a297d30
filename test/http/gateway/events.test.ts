import { describe, expect, it } from "vitest";
import { ClusterflowError } from "../../../src/core/errors.ts";
import { eventOf, idOf, openWorld } from "../../support/gateway-world.ts";

describe("POST /api/events", () => {
  it("answers what the seed's guide promises, in each mode", async () => {
    await using world = await openWorld();
    const reply = await world.send("/api/events", { body: eventOf("test-001") });
    expect(reply.status).toBe(201);
    expect(reply.json).toEqual({
      message: "taken",
      event_id: "test-001",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      mode: "kafka",
      partition: 1,
      offset: 0,
    });
    world.take = () => ({ kind: "taken", mode: "spool", id: "a" });
    const spooled = await world.send("/api/events", { body: eventOf("a") });
    expect(spooled.json).toMatchObject({ mode: "spool" });
    expect(spooled.json).not.toHaveProperty("offset");
    expect(world.by[0]).toEqual({ id: "7", name: "Writer", email: null, scopes: ["WRITE", "READ"] });
  });

  it("passes an event on byte for byte: big numbers, doubled keys, white space, __proto__", async () => {
    await using world = await openWorld();
    const text = '{"event_id":"x", "n":12345678901234567890.10,\n "a":1,"a":2,"__proto__":{"polluted":true}}';
    expect((await world.send("/api/events", { raw: ` ${text}\n` })).status).toBe(201);
    expect(world.events[0]).toMatchObject({ index: 0, text, bytes: Buffer.byteLength(text) });
    expect(world.events[0]!.event).toMatchObject({ a: 2 });
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    await world.send("/api/events/batch", { raw: `[ {"s":"]},{\\"\\\\"} , ${text},{"a":[{}]}]` });
    expect(world.events.slice(1).map((event) => event.text)).toEqual([
      '{"s":"]},{\\"\\\\"}',
      text,
      '{"a":[{}]}',
    ]);
  });

  it("keeps an offset beyond 2^53 as it is", async () => {
    await using world = await openWorld();
    world.take = () => ({ kind: "taken", mode: "kafka", id: "a", partition: 0, offset: 9007199254740993n });
    expect((await world.send("/api/events", { body: {} })).json).toMatchObject({
      offset: "9007199254740993",
    });
  });

  it.each([
    ["", "the body is empty"],
    ["{", "the body is not JSON: it ends too early, after 1 bytes"],
    ['{"é":1,}', "the body is not JSON: byte 8 (counted from 0) cannot stand there"],
    ["\uFEFF{}", "the body begins with a byte order mark, which JSON does not allow"],
    [Buffer.from([0x7b, 0x22, 0x61, 0xff, 0x22]), "the body is not valid UTF-8 from byte 3 on"],
    ["[{}]", "one event is taken here: post an array to /api/events/batch"],
    ["null", "an event is a JSON object"],
    ['{"n":1e400}', "the event holds a number beyond the range of a double at n"],
    ['{"n":"\\u0000"}', "the event holds a \\u0000 or half of a surrogate pair, which jsonb refuses, at n"],
    [`{"n":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, "the event is nested more than 100 levels deep"],
    [`{"n":"${"a".repeat(600_000)}"}`, "an event has at most 524288 bytes"],
  ])("says why %j is no event, where it went wrong, and quotes nothing", async (raw, message) => {
    await using world = await openWorld();
    const reply = await world.send("/api/events", { raw });
    expect(reply.status).toBe(400);
    expect(reply.json).toEqual({ error: { code: "invalid", message } });
    expect(world.events).toEqual([]);
  });

  it("names the field that the intake refuses, and says when to come again after an outage", async () => {
    await using world = await openWorld();
    world.take = () => ({ kind: "refused", field: "session_id", reason: "session_id is wanted" });
    const refused = await world.send("/api/events", { body: {} });
    expect([refused.status, refused.json]).toEqual([
      400,
      { error: { code: "invalid", field: "session_id", message: "session_id is wanted" } },
    ]);
    world.take = () => ({ kind: "unavailable", retryAfterS: 7, reason: "the spool is full" });
    const full = await world.send("/api/events", { body: {} });
    expect([full.status, full.headers.get("retry-after")]).toEqual([503, "7"]);
    expect(full.json).toEqual({ error: { code: "unavailable", message: "the spool is full" } });
  });

  it("takes an intake that cannot reach its server for an outage, and any other error for a fault of its own", async () => {
    await using world = await openWorld();
    world.take = () => {
      throw new ClusterflowError("kafka:9092 is away", { code: "unreachable" });
    };
    const away = await world.send("/api/events", { body: {} });
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "1"]);
    world.take = () => {
      throw new Error("password=hunter2");
    };
    const broken = await world.send("/api/events", { body: {} });
    expect(broken.status).toBe(500);
    expect(JSON.stringify([broken.text, world.reports])).not.toContain("hunter2");
    expect(broken.text).not.toContain("gateway-world");
    expect(world.reports).toMatchObject([{ kind: "warning" }]);
  });
});

describe("POST /api/events/batch", () => {
  it("lets the good ones through and says what was wrong with the others", async () => {
    await using world = await openWorld();
    world.take = ({ index, event }) =>
      index === 3
        ? { kind: "refused", field: "event_id", reason: "event_id is wanted" }
        : { kind: "taken", mode: "direct", id: idOf(event) };
    const reply = await world.send("/api/events/batch", { body: [eventOf("a"), 1, eventOf("b"), {}] });
    expect(reply.status).toBe(201);
    expect(reply.json).toEqual({
      message: "taken",
      user_id: "7",
      processed_count: 2,
      total_events: 4,
      mode: "direct",
      errors: [
        { index: 1, field: null, reason: "an event is a JSON object" },
        { index: 3, field: "event_id", reason: "event_id is wanted" },
      ],
      results: [
        { index: 0, status: "taken", event_id: "a", mode: "direct" },
        { index: 1, status: "refused", field: null, reason: "an event is a JSON object" },
        { index: 2, status: "taken", event_id: "b", mode: "direct" },
        { index: 3, status: "refused", field: "event_id", reason: "event_id is wanted" },
      ],
    });
    expect(world.calls).toEqual([3]);
  });

  it("answers 400 with the same body when none is good", async () => {
    await using world = await openWorld();
    const reply = await world.send("/api/events/batch", { body: [1, "two"] });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({
      error: { code: "invalid", message: "2 of 2 events were not taken: see errors" },
      processed_count: 0,
      mode: null,
      errors: [{ index: 0 }, { index: 1 }],
    });
    expect(world.calls).toEqual([]);
  });

  it("answers 503 as soon as one found no place, and tells which are down", async () => {
    await using world = await openWorld();
    world.take = ({ index }) =>
      index === 1
        ? { kind: "unavailable", retryAfterS: 3, reason: "the spool is full" }
        : { kind: "taken", mode: index === 0 ? "kafka" : "spool", id: `${index}` };
    const reply = await world.send("/api/events/batch", { body: [{}, {}, {}] });
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "3"]);
    expect(reply.json).toMatchObject({
      error: { code: "unavailable" },
      processed_count: 2,
      mode: "mixed",
      results: [{ status: "taken" }, { status: "unavailable" }, { status: "taken" }],
    });
  });

  it("refuses what is no batch, an empty one, and too many", async () => {
    await using world = await openWorld({ batchEvents: 2 });
    expect(await world.send("/api/events/batch", { body: {} })).toMatchObject({ status: 400 });
    expect(await world.send("/api/events/batch", { body: [] })).toMatchObject({ status: 400 });
    const many = await world.send("/api/events/batch", { body: [{}, {}, {}] });
    expect([many.status, many.json]).toEqual([
      413,
      { error: { code: "too_large", message: "at most 2 events are taken at once, these are 3" } },
    ]);
    expect(world.events).toEqual([]);
  });
});

describe("POST /v1/events", () => {
  it("takes one event and an array alike", async () => {
    await using world = await openWorld();
    const one = await world.send("/v1/events", { body: eventOf("a") });
    expect(one.json).toMatchObject({ processed_count: 1, results: [{ index: 0, event_id: "a" }] });
    const two = await world.send("/v1/events", { body: [eventOf("a"), eventOf("b")] });
    expect(two.json).toMatchObject({ processed_count: 2, total_events: 2 });
    expect((await world.send("/v1/events", { body: 1 })).status).toBe(400);
  });
});
