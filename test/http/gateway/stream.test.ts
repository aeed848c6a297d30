import { once } from "node:events";
import { expect, it } from "vitest";
import { dial, openWorld, type World } from "../../support/gateway-world.ts";

const type = "application/x-ndjson";

function lines(count: number): string {
  return Array.from({ length: count }, (_, n) => `{"event_id":"${n}"}\n`).join("");
}

it("takes lines, tells each bad one by its number, and the last one without its end", async () => {
  await using world = await openWorld();
  const raw = '{"event_id":"a"}\r\n\n  \n{bad\n"text"\n{"event_id":"b"}';
  const reply = await world.send("/v1/events", { raw, type });
  expect(reply.status).toBe(201);
  expect(reply.json).toMatchObject({
    processed_count: 2,
    total_events: 4,
    errors: [
      { index: 1, line: 4, reason: "the event is not JSON: byte 1 (counted from 0) cannot stand there" },
      { index: 2, line: 5, reason: "an event is a JSON object" },
    ],
    results: [{ line: 1, event_id: "a" }, { line: 4 }, { line: 5 }, { line: 6, event_id: "b" }],
  });
  expect(world.events.map(({ text }) => text)).toEqual(['{"event_id":"a"}', '{"event_id":"b"}']);
});

it("gives chunks to the intake one after the other, in order, and reads no faster", async () => {
  await using world = await openWorld({ streamChunk: 100 });
  let atOnce = 0;
  let most = 0;
  world.take = async ({ index }) => {
    most = Math.max(most, (atOnce += 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    atOnce -= 1;
    return { kind: "taken", mode: "kafka", id: `${index}` };
  };
  const reply = await world.send("/v1/events", { raw: lines(1_050), type });
  expect(reply.json).toMatchObject({ processed_count: 1_050 });
  expect(world.calls).toEqual([...Array.from({ length: 10 }, () => 100), 50]);
  expect(world.events.map(({ index }) => index)).toEqual(Array.from({ length: 1_050 }, (_, n) => n));
  expect(most).toBe(100);
});

it("refuses a line that is too long without keeping it, and goes on behind it", async () => {
  await using world = await openWorld({ eventBytes: 100 });
  const raw = `{"a":1}\n{"a":"${"x".repeat(300_000)}"}\n{"a":2}\n`;
  const reply = await world.send("/v1/events", { raw, type });
  expect(reply.json).toMatchObject({
    processed_count: 2,
    errors: [{ index: 1, line: 2, reason: "an event has at most 100 bytes" }],
  });
});

it("stops at the limits with 413, and tells what it had taken by then", async () => {
  await using world = await openWorld({ streamEvents: 10, streamBytes: 10_000, streamChunk: 4 });
  const many = await world.send("/v1/events", { raw: lines(11), type });
  expect(many.status).toBe(413);
  expect(many.json).toMatchObject({ processed_count: 10, error: { code: "too_large" } });
  expect((await world.send("/v1/events", { raw: lines(10), type })).status).toBe(201);
  const long = await world.send("/v1/events", { raw: " \n".repeat(20_000), type });
  expect(long.status).toBe(413);
  expect((await world.send("/v1/events", { raw: "\n\n", type })).json).toMatchObject({ total_events: 0 });
});

it("stops at an outage, answers 503 though more is still being sent, and tells which are down", async () => {
  await using world = await openWorld({ streamChunk: 2 });
  world.take = ({ index }) =>
    index < 4
      ? { kind: "taken", mode: "spool", id: `${index}` }
      : { kind: "unavailable", retryAfterS: 9, reason: "the spool is full" };
  const reply = await world.send("/v1/events", { raw: lines(20_000), type });
  expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "9"]);
  expect(reply.json).toMatchObject({ processed_count: 4, total_events: 6 });
  expect(world.calls).toEqual([2, 2, 2]);
  // what nobody reads any more does not hold up closing
  const begun = performance.now();
  await world[Symbol.asyncDispose]();
  expect(performance.now() - begun).toBeLessThan(1_500);
});

it("answers a stream that is far too long, which a hung-up client would never hear", async () => {
  await using world = await openWorld({ streamBytes: 1_000 });
  const { socket, heard } = dial(world.port);
  const body = lines(100);
  socket.write(half(world, await world.token("WRITE"), body, 10_000_000));
  await expect.poll(heard).toMatch(/^HTTP\/1.1 413 /);
  socket.destroy();
});

function half(world: World, token: string, body: string, length: number): string {
  return [
    "POST /v1/events HTTP/1.1",
    `Host: 127.0.0.1:${world.port}`,
    `Authorization: Bearer ${token}`,
    `Content-Type: ${type}`,
    `Content-Length: ${length}`,
    "",
    body,
  ].join("\r\n");
}

it("never takes half a line of a stream that breaks off", async () => {
  await using world = await openWorld({ streamChunk: 1 });
  const { socket, closed } = dial(world.port);
  const body = '{"event_id":"a"}\n{"event_id":"b"}\n{"event_id":"c"}';
  socket.write(half(world, await world.token("WRITE"), body, body.length + 1));
  await expect.poll(() => world.events.length).toBe(2);
  socket.destroy();
  await closed;
  expect((await world.send("/v1/events", { raw: lines(1), type })).status).toBe(201);
  expect(world.events.map(({ event }) => event.event_id)).toEqual(["a", "b", "0"]);
});

it("takes what it was given whether or not the client waits for the answer", async () => {
  await using world = await openWorld({ streamChunk: 1, requests: 1 });
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  world.take = async ({ index }) => {
    await held;
    return { kind: "taken", mode: "kafka", id: `${index}` };
  };
  const { socket } = dial(world.port);
  const body = lines(1);
  socket.write(half(world, await world.token("WRITE"), body, body.length));
  await expect.poll(() => world.calls.length).toBe(1);
  socket.destroy();
  await once(socket, "close");
  // its work is not done, so its place is not free
  expect((await world.send("/v1/events", { raw: body, type })).status).toBe(503);
  release();
  await expect.poll(async () => (await world.send("/v1/events", { raw: body, type })).status).toBe(201);
  expect((await world.send("/metrics", {})).text).toContain('{route="/v1/events",status="499"} 1');
});
