import { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { MemoryStore } from "./memory-store.ts";
import { consume, newTopic, numbered, produce, waitFor } from "./world.ts";

/** Sockets to the broker: cut off, they neither send nor receive, as those of a process that is stopped. */
function brokerSockets(): Socket[] {
  const port = Number(inject("brokers")[0]!.split(":")[1]);
  const { _getActiveHandles: list } = process as unknown as { _getActiveHandles: () => unknown[] };
  return list().filter((handle): handle is Socket => handle instanceof Socket && handle.remotePort === port);
}

it("a member that was cut off for longer than its session writes nothing when it wakes, and joins again", async () => {
  const topic = await newTopic(2);
  const store = new MemoryStore();
  await using first = await consume(topic, store);
  await first.told.until(() => first.told.of("assigned").length === 1);
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const isSlow = new Set([1n]); // the epoch of the first member's claims
  store.before = ({ epoch }) => (isSlow.has(epoch) ? released : undefined);
  await produce(topic, numbered(0, 100, 2));
  await delay(500); // fetched, and held up before they are stored

  const frozen = brokerSockets();
  expect(frozen.length).toBeGreaterThan(0);
  for (const socket of frozen) socket.pause().cork();
  await using second = await consume(topic, store);
  await second.told.until(() => store.records.length === 100);
  release();
  await first.told.until(() => first.told.of("fenced").length === 2);
  for (const socket of frozen) socket.resume().uncork();
  await first.told.until(() => first.told.of("assigned").length === 2);
  await produce(topic, numbered(100, 200, 2));
  await waitFor(() => store.records.length >= 200);
  await Promise.all([first.stop(), second.stop()]);
  const values = store.values().toSorted((a, b) => Number(a) - Number(b));
  expect(values).toEqual(Array.from({ length: 200 }, (_, n) => `${n}`));
  expect(store.batches.some(({ epoch }) => epoch === 1n)).toBe(false);
});
