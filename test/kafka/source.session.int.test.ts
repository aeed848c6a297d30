import { expect, it } from "vitest";
import { MemoryStore } from "./memory-store.ts";
import { openOwnBroker } from "./own-broker.ts";
import { consume, newTopic, numbered, produce } from "./world.ts";

it("asks for a longer session where the broker allows no short one, and says so", async () => {
  await using broker = await openOwnBroker("group.min.session.timeout.ms=20000");
  const brokers = [broker.address];
  const topic = await newTopic(1, { brokers });
  await produce(topic, numbered(0, 10, 1), { brokers });
  const store = new MemoryStore();
  await using running = await consume(topic, store, { settings: { brokers, topic } });
  await Promise.race([running.told.until(() => store.records.length === 10), running.ended]);
  expect(store.values()).toHaveLength(10);
  expect(running.told.of("notice").map(({ text }) => text)).toEqual([
    expect.stringMatching(/allows no sessions of 6 s .*with 10 s/),
    expect.stringMatching(/allows no sessions of 10 s .*with 30 s/),
  ]);
  expect(running.told.of("waiting")).toEqual([]);
  expect(await running.stop()).toMatchObject({ read: 10 });
});

it("ends in the reason where the broker allows none", async () => {
  await using broker = await openOwnBroker("group.min.session.timeout.ms=90000");
  const brokers = [broker.address];
  const topic = await newTopic(1, { brokers });
  await using running = await consume(topic, new MemoryStore(), { settings: { brokers, topic } });
  await expect(running.ended).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("allows no sessions") as string,
    hint: expect.stringContaining("group.min.session.timeout.ms") as string,
  });
});
