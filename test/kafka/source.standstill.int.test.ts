import { expect, inject, it } from "vitest";
import { KafkaWire } from "../support/kafka-wire.ts";
import { MemoryStore } from "./memory-store.ts";
import { consume, newTopic, numbered, produce } from "./world.ts";

const QUICK = { standstillMs: 2_000, lookEveryMs: 500 };

it("builds its consumer anew when that is behind, is answered, and reads nothing", async () => {
  using wire = new KafkaWire(inject("brokers")[0]!);
  const settings = { brokers: [await wire.listen()], topic: "" };
  const topic = await newTopic(1);
  await produce(topic, numbered(0, 10, 1));
  const store = new MemoryStore();
  await using running = await consume(topic, store, { settings, ...QUICK });
  await running.told.until(() => store.records.length === 10);
  wire.blindsFrom = 20n;
  await produce(topic, numbered(10, 20, 1));
  await running.told.until(() => running.told.of("warning").length === 1);
  expect(store.records).toHaveLength(10);
  expect(running.told.of("warning")[0]?.text).toMatch(
    /answers, but partition 0 of topic .* is 10 offsets behind and was not read for \d s; the consumer is built anew/,
  );
  wire.blindsFrom = null;
  await running.told.until(() => store.records.length === 20);
  expect(new Set(store.values()).size).toBe(20);
  expect(await running.stop()).toMatchObject({ read: 20 });
});

it("ends in a clear error when new consumers read nothing either", async () => {
  using wire = new KafkaWire(inject("brokers")[0]!);
  const settings = { brokers: [await wire.listen()], topic: "" };
  const topic = await newTopic(1);
  wire.blindsFrom = 10n;
  await produce(topic, numbered(0, 10, 1));
  await using running = await consume(topic, new MemoryStore(), { settings, ...QUICK });
  await expect(running.ended).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringMatching(/is 10 offsets behind .*did not help \(4 consumers\)$/) as string,
    hint: expect.stringContaining("clusterflow consume") as string,
  });
  expect(running.told.of("warning")).toHaveLength(3);
});

it("lets a delivery take its time", async () => {
  const topic = await newTopic(1);
  await produce(topic, numbered(0, 10, 1));
  const store = new MemoryStore();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  store.before = () => released;
  await using running = await consume(topic, store, QUICK);
  await running.told.until(() => running.told.of("assigned").length === 1);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  release();
  await running.told.until(() => store.records.length === 10);
  expect(running.told.of("warning")).toEqual([]);
  expect(running.told.of("assigned")).toHaveLength(1);
});
