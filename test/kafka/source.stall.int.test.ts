import { expect, inject, it } from "vitest";
import { KafkaWire } from "../support/kafka-wire.ts";
import { MemoryStore } from "./memory-store.ts";
import { consume, newTopic, numbered, produce } from "./world.ts";

/** Behind the moment from which on a silent Kafka is taken to be away. */
const STALL_MS = 12_000;

it("builds its consumer anew when fetches are not answered although Kafka answers, and goes on", async () => {
  using wire = new KafkaWire(inject("brokers")[0]!);
  const settings = { brokers: [await wire.listen()], topic: "" };
  const topic = await newTopic(2);
  await produce(topic, numbered(0, 10, 2));
  const store = new MemoryStore();
  const sights: string[] = [];
  const observe = ({ kind }: { readonly kind: string }): void => void sights.push(kind);
  await using running = await consume(topic, store, { settings, observe, stallMs: STALL_MS });
  await running.told.until(() => store.records.length === 10);
  const waits = [...running.told.of("waiting")]; // a new broker's first group may take its time
  wire.swallowsFetches = true;
  await produce(topic, numbered(10, 20, 2));
  await running.told.until(() => running.told.of("warning").length === 1);
  expect(running.told.of("warning")[0]?.text).toContain(`but not to a fetch of topic "${topic}"`);
  expect(running.told.of("waiting")).toEqual(waits); // nothing is away, and nothing else is said
  expect(sights).toContain("stalled");
  expect(wire.swallowed).toBeGreaterThan(0);
  wire.swallowsFetches = false;
  await running.told.until(() => store.records.length === 20);
  expect(new Set(store.values()).size).toBe(20);
  expect(sights.filter((kind) => kind === "rebuilt")).toHaveLength(1);
  expect(await running.stop()).toMatchObject({ read: 20 });
});

it("ends in a clear error when new consumers do not help", { timeout: 180_000 }, async () => {
  using wire = new KafkaWire(inject("brokers")[0]!);
  const settings = { brokers: [await wire.listen()], topic: "" };
  const topic = await newTopic(1);
  wire.swallowsFetches = true;
  await using running = await consume(topic, new MemoryStore(), { settings, stallMs: STALL_MS });
  await expect(running.ended).rejects.toMatchObject({
    code: "unreachable",
    message: expect.stringMatching(
      /answers, but not to a fetch of topic .*did not help \(4 consumers\)$/,
    ) as string,
    hint: expect.stringContaining("clusterflow consume") as string,
  });
  expect(running.told.of("warning")).toHaveLength(3);
});
