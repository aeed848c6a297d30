import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKafkaSink } from "../../src/kafka/sink.ts";
import { openOwnBroker, type OwnBroker } from "./own-broker.ts";
import { MemoryStore, Told } from "./memory-store.ts";
import { consume, newTopic, numbered, plainKafka, produce, waitFor } from "./world.ts";

let broker: OwnBroker;
let brokers: string[];
beforeAll(async () => {
  broker = await openOwnBroker();
  brokers = [broker.address];
});
afterAll(() => broker[Symbol.asyncDispose]());

const sockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i}`);

describe("the source, when its broker", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)(
    "is ended by %s and started again, waits, says so once, and goes on without loss or double",
    async (signal) => {
      const topic = await newTopic(1, { brokers });
      await produce(topic, numbered(0, 100, 1), { brokers });
      const store = new MemoryStore();
      await using running = await consume(topic, store, { settings: { brokers, topic } });
      await running.told.until(() => store.records.length === 100);
      await broker.stop(signal);
      await running.told.until(() => running.told.of("waiting").length === 1);
      await delay(2_000);
      await broker.start();
      await produce(topic, numbered(100, 200, 1), { brokers });
      const backAt = performance.now();
      await running.told.until(() => store.records.length === 200);
      expect(performance.now() - backAt).toBeLessThan(9_000); // the member before this one is not waited for
      expect(store.values()).toEqual(texts(0, 200));
      expect(running.told.of("waiting")).toHaveLength(1);
      expect(running.told.of("resumed")).toHaveLength(1);
      expect(await running.stop()).toMatchObject({ read: 200 });
    },
  );

  it("freezes, notices, and goes on when it thaws", async () => {
    const topic = await newTopic(1, { brokers });
    const store = new MemoryStore();
    await using running = await consume(topic, store, { settings: { brokers, topic } });
    await running.told.until(() => running.told.of("assigned").length === 1);
    broker.signal("SIGSTOP");
    const frozenAt = performance.now();
    await running.told.until(() => running.told.of("waiting").length === 1);
    expect(performance.now() - frozenAt).toBeLessThan(25_000); // a request is given up after 15 s
    broker.signal("SIGCONT");
    await produce(topic, numbered(0, 100, 1), { brokers });
    await running.told.until(() => store.records.length === 100);
    expect(store.values()).toEqual(texts(0, 100));
  });

  it("freezes, ends soon and leaves nothing open when there is a limit to waiting", async () => {
    const topic = await newTopic(1, { brokers });
    const before = sockets();
    await using running = await consume(topic, new MemoryStore(), {
      settings: { brokers, topic },
      giveUpAfterMs: 3_000,
    });
    await running.told.until(() => running.told.of("assigned").length === 1);
    broker.signal("SIGSTOP");
    const frozenAt = performance.now();
    await expect(running.ended).rejects.toMatchObject({ code: "unreachable" });
    expect(performance.now() - frozenAt).toBeLessThan(30_000); // a request's 15 s, the limit, the goodbyes
    await expect.poll(sockets, { timeout: 3_000 }).toBeLessThanOrEqual(before);
    broker.signal("SIGCONT");
  });

  it("goes away in the middle, ends with it when there is a limit to waiting", async () => {
    const topic = await newTopic(1, { brokers });
    await produce(topic, numbered(0, 100, 1), { brokers });
    const store = new MemoryStore();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    store.before = () => released;
    await using running = await consume(topic, store, {
      settings: { brokers, topic },
      untilEnd: true,
      giveUpAfterMs: 4_000,
      ledger: { claim: (partitions) => store.claim(partitions), positionsOf: store.positionsOf },
    });
    await waitFor(() => store.claims === 1);
    await broker.stop("SIGKILL");
    const goneAt = performance.now();
    await expect(running.ended).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/given up after \d+ s/) as string,
    });
    expect(performance.now() - goneAt).toBeLessThan(15_000);
    release();
    await broker.start();
  });

  it("is away, ends soon when it is told to, and leaves nothing open", async () => {
    const topic = await newTopic(1, { brokers });
    const before = sockets();
    await using running = await consume(topic, new MemoryStore(), { settings: { brokers, topic } });
    await running.told.until(() => running.told.of("assigned").length === 1);
    await broker.stop("SIGKILL");
    await running.told.until(() => running.told.of("waiting").length === 1);
    const askedAt = performance.now();
    await running.stop();
    expect(performance.now() - askedAt).toBeLessThan(8_000);
    await expect.poll(sockets, { timeout: 5_000 }).toBeLessThanOrEqual(before);
    await broker.start();
  });
});

describe("the source, when nothing listens where its broker should be", () => {
  const settings = { brokers: ["127.0.0.1:1"], topic: "t" };

  it.each([true, false])("gives up after the limit (until the end: %s)", async (untilEnd) => {
    await using running = await consume("t", new MemoryStore(), { settings, untilEnd, giveUpAfterMs: 2_000 });
    await expect(running.ended).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("127.0.0.1:1") as string,
      hint: expect.stringContaining("clusterflow local status") as string,
    });
    expect(running.told.of("waiting")).toHaveLength(1);
  });

  it.each([true, false])(
    "rejects with the reason when it is stopped (until the end: %s)",
    async (untilEnd) => {
      await using running = await consume("t", new MemoryStore(), { settings, untilEnd });
      await running.told.until(() => running.told.of("waiting").length === 1);
      await expect(running.stop()).rejects.toMatchObject({ name: "AbortError" });
    },
  );
});

describe("the sink, when its broker", () => {
  it("is stopped and started again, waits, says so once, and keeps the order", async () => {
    const topic = `t-${randomUUID()}`;
    const told = new Told();
    const { signal } = new AbortController();
    await using sink = await openKafkaSink({
      settings: { brokers, topic },
      topic: { name: topic, partitions: 1, config: {} },
      tell: told.tell,
      signal,
      giveUpAfterMs: null,
    });
    const message = (n: number) => ({ key: "k", value: `${n}`, headers: {} });
    await sink.write([message(0)], signal);
    await broker.stop("SIGKILL");
    const writes = Promise.all([1, 2, 3].map((n) => sink.write([message(n)], signal)));
    await told.until(() => told.of("waiting").length === 1);
    await broker.start();
    await writes;
    expect(told.of("waiting")).toHaveLength(1);
    expect(told.of("resumed")).toHaveLength(1);
    const store = new MemoryStore();
    await using running = await consume(topic, store, { settings: { brokers, topic }, untilEnd: true });
    await running.ended;
    const firsts = [...new Set(store.values())]; // one may have come twice, none may have overtaken another
    expect(firsts).toEqual(["0", "1", "2", "3"]);
  });

  it("stays away, gives up after the limit, or when it is told to", async () => {
    const topic = `t-${randomUUID()}`;
    const open = (giveUpAfterMs: number | null) =>
      openKafkaSink({
        settings: { brokers, topic },
        topic: { name: topic, partitions: 1, config: {} },
        tell: () => undefined,
        signal: new AbortController().signal,
        giveUpAfterMs,
      });
    await using limited = await open(2_000);
    await using patient = await open(null);
    await broker.stop("SIGTERM");
    const message = { key: "k", value: "v", headers: {} };
    const stopping = new AbortController();
    const waiting = patient.write([message], stopping.signal);
    await expect(limited.write([message], new AbortController().signal)).rejects.toMatchObject({
      code: "unreachable",
    });
    const reason = new Error("interrupted");
    stopping.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await broker.start();
  });
});

describe("a broker of the tests' own", () => {
  it("has come back with its topics", async () => {
    const admin = plainKafka(brokers).admin();
    await admin.connect();
    expect((await admin.listTopics()).length).toBeGreaterThan(3);
    await admin.disconnect();
  });
});
