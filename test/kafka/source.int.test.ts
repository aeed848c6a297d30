import { createHook } from "node:async_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Deliver } from "../../src/pipeline/ports.ts";
import { partitionsAre } from "../support/produce.ts";
import { MemoryStore } from "./memory-store.ts";
import { consume, lendAdmin, newTopic, numbered, plainKafka, produce, waitFor } from "./world.ts";

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i}`);
const openResources = (): { sockets: number; timers: number } => {
  const kinds = process.getActiveResourcesInfo();
  const count = (kind: string): number => kinds.filter((one) => one === kind).length;
  return { sockets: count("TCPSocketWrap"), timers: count("Timeout") };
};
const sorted = (values: readonly string[]): string[] => [...values].sort((a, b) => Number(a) - Number(b));

describe("the Kafka source", () => {
  it("delivers every record of three partitions once, in order, and ends at the end", async () => {
    const topic = await newTopic(3);
    await produce(topic, numbered(0, 3_000, 3));
    const store = new MemoryStore();
    await using running = await consume(topic, store, { untilEnd: true });
    const summary = await running.ended;
    expect(sorted(store.values())).toEqual(texts(0, 3_000));
    for (const partition of [0, 1, 2]) {
      const offsets = store.records.filter((one) => one.partition === partition).map(({ offset }) => offset);
      expect(offsets).toEqual(Array.from({ length: 1_000 }, (_, n) => BigInt(n)));
    }
    expect(summary).toEqual({
      read: 3_000,
      stored: 3_000,
      deadLettered: 0,
      fenced: 0,
      positions: [0, 1, 2].map((partition) => ({ partition, next: 1_000n })),
    });
  });

  it("goes on from the ledger's position, and not from Kafka's", async () => {
    const topic = await newTopic(1);
    await produce(topic, numbered(0, 100, 1));
    const first = new MemoryStore();
    await using before = await consume(topic, first, { untilEnd: true });
    await before.ended;
    const store = new MemoryStore();
    store.positions.set(0, { next: 40n, epoch: 7n });
    await using running = await consume(topic, store, { untilEnd: true });
    await running.ended;
    expect(store.values()).toEqual(texts(40, 100));
    expect(store.batches.every(({ epoch }) => epoch === 8n)).toBe(true);
  });

  it("tells Kafka how far it is, for tools that show lag", async () => {
    const topic = await newTopic(1);
    await produce(topic, numbered(0, 10, 1));
    await using running = await consume(topic, new MemoryStore(), { untilEnd: true });
    await running.ended;
    const [offsets] = await lendAdmin((admin) =>
      admin.fetchOffsets({ groupId: `g-${topic}`, topics: [topic] }),
    );
    expect(offsets?.partitions.map(({ offset }) => offset)).toEqual(["10"]);
  });

  it("is at its end at once when the topic is empty", async () => {
    const topic = await newTopic(2);
    await using running = await consume(topic, new MemoryStore(), { untilEnd: true });
    expect(await running.ended).toMatchObject({ read: 0, positions: [{ next: 0n }, { next: 0n }] });
  });

  it("stores what comes while it runs within a second", async () => {
    const topic = await newTopic(1);
    const store = new MemoryStore();
    await using running = await consume(topic, store);
    await running.told.until(() => running.told.of("assigned").length === 1);
    await produce(topic, numbered(0, 1, 1));
    const sentAt = performance.now();
    await running.told.until(() => store.records.length === 1);
    expect(performance.now() - sentAt).toBeLessThan(1_000);
    expect(await running.stop()).toMatchObject({ read: 1 });
  });

  it("reads a new partition from its beginning", async () => {
    const topic = await newTopic(1);
    const store = new MemoryStore();
    await using running = await consume(topic, store);
    await running.told.until(() => running.told.of("assigned").length === 1);
    await lendAdmin(async (admin) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
      await partitionsAre(admin, topic, 2);
    });
    await produce(topic, [{ partition: 1, value: "new" }]);
    await running.told.until(() => store.records.length === 1);
    expect(store.values()).toEqual(["new"]);
  });

  it("calls a topic that does not exist a mistake of the person, with the way out", async () => {
    await using running = await consume("no-such-topic", new MemoryStore());
    await expect(running.ended).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining('topic "no-such-topic" does not exist') as string,
      hint: expect.stringContaining("clusterflow collect") as string,
    });
  });

  it("reaches the end of a topic that ends in an aborted transaction", async () => {
    const topic = await newTopic(1);
    const producer = plainKafka().producer({
      transactionalId: topic,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    const send = async (end: "commit" | "abort", value: string): Promise<void> => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }, { value }] });
      await transaction[end]();
    };
    // a transaction's marker is written a moment after its end was acknowledged
    const endsAt = async (offset: string): Promise<void> =>
      lendAdmin(async (admin) => {
        const high = async (): Promise<string | undefined> => (await admin.fetchTopicOffsets(topic))[0]?.high;
        await expect.poll(high).toBe(offset);
      });
    const store = new MemoryStore();
    await send("commit", "kept");
    await endsAt("3");
    await using first = await consume(topic, store, { untilEnd: true });
    expect((await first.ended).positions).toEqual([{ partition: 0, next: 3n }]); // two records and their marker
    // from here on there is nothing but what was aborted
    await send("abort", "gone");
    await send("abort", "gone too");
    await producer.disconnect();
    await endsAt("9");
    await using second = await consume(topic, store, { untilEnd: true });
    expect((await second.ended).positions).toEqual([{ partition: 0, next: 9n }]);
    expect(store.values()).toEqual(["kept", "kept"]);
    expect(store.positions.get(0)?.next).toBe(9n);
  });

  it("reads a message of several megabytes without key and headers in each of Kafka's compressions", async () => {
    for (const codec of ["snappy", "lz4", "zstd", "gzip", "uncompressed"]) {
      // the broker compresses with Java's codecs what it is given plain
      const config = { "compression.type": codec, "max.message.bytes": "12000000" };
      const topic = await newTopic(1, { config });
      const value = JSON.stringify(
        Array.from({ length: 80_000 }, (_, n) => ({ name: `pod-${n}`, image: `registry/${n * 7919}` })),
      );
      expect(value.length).toBeGreaterThan(3_000_000);
      await produce(topic, [{ value }, { value: "last" }]);
      const store = new MemoryStore();
      await using running = await consume(topic, store, { untilEnd: true });
      await running.ended;
      expect(store.records[0]).toMatchObject({ key: null, headers: [] });
      expect(store.values()).toEqual([value, "last"]);
    }
  });
});

describe("a group of several members", () => {
  it("loses and doubles nothing when a member joins and leaves, and claims kept partitions again", async () => {
    const topic = await newTopic(3);
    const store = new MemoryStore();
    await using first = await consume(topic, store);
    await first.told.until(() => first.told.of("assigned").length === 1);
    let sent = 0;
    const send = async (): Promise<void> => {
      await produce(topic, numbered(sent, sent + 300, 3));
      sent += 300;
    };
    await send();
    await first.told.until(() => store.records.length === sent);

    await using second = await consume(topic, store);
    await Promise.all([
      second.told.until(() => second.told.of("assigned").length > 0),
      first.told.until(() => first.told.of("assigned").length > 1),
      send(),
    ]);
    await send();
    await waitFor(() => store.records.length === sent);
    const epochs = [...store.positions.values()].map(({ epoch }) => epoch);
    expect(epochs.every((epoch) => epoch >= 2n)).toBe(true);
    expect(second.told.of("batch-stored").length).toBeGreaterThan(0);

    const joins = first.told.of("assigned").length;
    await Promise.all([second.stop(), send()]);
    await first.told.until(() => first.told.of("assigned").length > joins);
    await send();
    await waitFor(() => store.records.length >= sent);
    await first.stop();
    expect(sorted(store.values())).toEqual(texts(0, sent));
  });

  it("lets a member without partitions end at once", async () => {
    const topic = await newTopic(1);
    const store = new MemoryStore();
    await using first = await consume(topic, store);
    await first.told.until(() => first.told.of("assigned").length === 1);
    await using second = await consume(topic, store, { untilEnd: true });
    expect(await second.ended).toMatchObject({ read: 0 });
  });

  it("does not take the end for reached while another member has not stored what it has", async () => {
    const topic = await newTopic(2);
    await produce(topic, numbered(0, 10, 2));
    const store = new MemoryStore();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const deliver: Deliver = async (batch, signal) => released.then(() => store.deliver(batch, signal));
    await using first = await consume(topic, store, { deliver });
    await first.told.until(() => first.told.of("assigned").length === 1);
    await using second = await consume(topic, store, { untilEnd: true });
    await second.told.until(() => second.told.of("notice").length === 1);
    expect(second.told.of("notice")[0]?.text).toMatch(/which have partition [01] of "/);
    expect(store.records).toHaveLength(5);
    release();
    await second.ended;
    expect(sorted(store.values())).toEqual(texts(0, 10));
    expect(second.told.of("notice")).toHaveLength(1);
  });

  it("gives consumers of two topics in one group the partitions of their own topic", async () => {
    const topics = [await newTopic(2), await newTopic(3)];
    const group = `g-${topics.join("-")}`;
    const [store, other] = [new MemoryStore(), new MemoryStore()];
    await using first = await consume(topics[0]!, store, { group });
    await using second = await consume(topics[1]!, other, { group });
    await waitFor(() => store.positions.size === 2 && other.positions.size === 3);
    await produce(topics[0]!, numbered(0, 60, 2));
    await produce(topics[1]!, numbered(0, 60, 3));
    await waitFor(() => store.records.length === 60 && other.records.length === 60);
    expect(sorted(store.values())).toEqual(texts(0, 60));
    expect(sorted(other.values())).toEqual(texts(0, 60));
    await Promise.all([first.stop(), second.stop()]);
  });
});

describe("a position that somebody else moved", () => {
  it("is noticed at the next batch, told, and taken over again from where it is now", async () => {
    const topic = await newTopic(2);
    const store = new MemoryStore();
    await using running = await consume(topic, store);
    await produce(topic, numbered(0, 100, 2));
    await running.told.until(() => store.records.length === 100);
    store.reset(0, 10n);
    await produce(topic, numbered(100, 102, 2));
    await running.told.until(() => store.records.length === 102 + 40);
    expect(running.told.of("fenced")).toEqual([{ kind: "fenced", topic, partition: 0 }]);
    const again = store.records
      .filter(({ partition }) => partition === 0)
      .map(({ offset }) => Number(offset));
    expect(again.slice(50)).toEqual(Array.from({ length: 41 }, (_, n) => n + 10));
    expect(await running.stop()).toMatchObject({ fenced: 1 });
  });
});

describe("offsets that Kafka no longer has", () => {
  const deleteUpTo = (topic: string, offset: number): Promise<void> =>
    lendAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic); // without it kafkajs does not know the topic's leaders
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
    });

  it("end the run in an error that names the lost range and the way on", async () => {
    const topic = await newTopic(1);
    await produce(topic, numbered(0, 200, 1));
    await deleteUpTo(topic, 150);
    const store = new MemoryStore();
    store.positions.set(0, { next: 100n, epoch: 1n });
    await using running = await consume(topic, store);
    await expect(running.ended).rejects.toMatchObject({
      code: "wrong",
      message: `lost: Kafka no longer has offsets 100 to 149 (50) of partition 0 of topic "${topic}"; they were deleted before group "g-${topic}" had stored them`,
      hint: "with the same flags: clusterflow consume --from earliest",
    });
    expect(store.records).toEqual([]);
  });

  it("are noticed also when they go while the consumer is held up", async () => {
    const topic = await newTopic(1);
    const store = new MemoryStore();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    store.before = () => released;
    await produce(topic, numbered(0, 1_000, 1));
    // full with the first fetch, so the second batch of records is not fetched before the first is down
    await using running = await consume(topic, store, { queueBytes: 1_000 });
    await waitFor(() => store.claims === 1);
    await delay(500);
    await produce(topic, numbered(1_000, 2_000, 1));
    await deleteUpTo(topic, 1_500);
    release();
    await expect(running.ended).rejects.toMatchObject({
      code: "wrong",
      message: expect.stringContaining("no longer has offsets 1000 to 1499 (500)") as string,
    });
    expect(store.values()).toEqual(texts(0, 1_000));
  });

  it.each([10, 150])(
    "show as an error too when the topic was created anew, with %i records",
    async (count) => {
      const topic = await newTopic(1);
      await produce(topic, numbered(0, 100, 1));
      const store = new MemoryStore();
      await using before = await consume(topic, store, { untilEnd: true });
      await before.ended;
      await lendAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
      await newTopic(1, { name: topic });
      await produce(topic, numbered(0, count, 1));
      await using running = await consume(topic, store);
      await expect(running.ended).rejects.toMatchObject({
        code: "wrong",
        message: expect.stringContaining(
          "up to offset 100, but this is another topic of that name: it was deleted and created anew",
        ) as string,
      });
      expect(store.records).toHaveLength(100);
    },
  );

  it("show as an error when the topic is created anew under a running consumer", async () => {
    const topic = await newTopic(1);
    await produce(topic, numbered(0, 100, 1));
    const store = new MemoryStore();
    await using running = await consume(topic, store);
    await running.told.until(() => store.records.length === 100);
    await lendAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    await delay(500);
    await newTopic(1, { name: topic });
    await expect(running.ended).rejects.toMatchObject({ code: "wrong" });
  });
});

describe("a consumer that delivers slowly", () => {
  it("stops fetching when its queue is full, and loses nothing", async () => {
    const topic = await newTopic(2);
    const kilobyte = "x".repeat(1_000);
    const messages = Array.from({ length: 40_000 }, (_, n) => ({
      partition: n % 2,
      value: `${n} ${kilobyte}`,
    }));
    await produce(topic, messages);
    const store = new MemoryStore();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    store.before = () => released;
    const before = process.memoryUsage().arrayBuffers;
    await using running = await consume(topic, store, { untilEnd: true, queueBytes: 4_000_000 });
    await waitFor(() => store.claims === 1);
    await delay(2_000);
    const held = process.memoryUsage().arrayBuffers - before;
    expect(held).toBeLessThan(12_000_000); // of 40 MB: the queue, one fetch more, buffers of sockets
    release();
    await running.ended;
    expect(store.records).toHaveLength(40_000);
  });

  it("keeps its partitions, since heartbeats flow while everything is paused", async () => {
    const topic = await newTopic(1);
    const store = new MemoryStore();
    await produce(topic, numbered(0, 100, 1));
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    store.before = () => released;
    await using running = await consume(topic, store, { queueBytes: 1_000 });
    await waitFor(() => store.claims === 1);
    await delay(12_000); // longer than a session
    release();
    await running.told.until(() => store.records.length === 100);
    expect(store.claims).toBe(1);
    expect(running.told.of("fenced")).toEqual([]);
  });
});

describe("the end of a run", () => {
  it("lets the batch on its way come down, begins no other, and leaves nothing open", async () => {
    const before = openResources();
    const topic = await newTopic(1);
    await produce(topic, numbered(0, 12_000, 1)); // more than one batch
    const store = new MemoryStore();
    let entered = (): void => undefined;
    const begun = new Promise<void>((resolve) => (entered = resolve));
    store.before = async () => {
      entered();
      await delay(500);
    };
    await using running = await consume(topic, store);
    await begun;
    const summary = await running.stop();
    expect(running.told.of("draining")).toHaveLength(1);
    expect(store.batches).toHaveLength(1);
    expect(summary.positions).toEqual([{ partition: 0, next: store.positions.get(0)?.next }]);
    await waitFor(() => openResources().sockets === before.sockets); // the broker's half of the goodbye
    expect(openResources().timers).toBeLessThanOrEqual(before.timers); // the test runner has some that come and go
  });

  it("gives up on a batch that does not come down in time", async () => {
    const topic = await newTopic(1);
    await produce(topic, numbered(0, 10, 1));
    const store = new MemoryStore();
    let entered = (): void => undefined;
    const begun = new Promise<void>((resolve) => (entered = resolve));
    let isGivenUp = false;
    store.before = (_, signal) =>
      new Promise((_resolve, reject) => {
        entered();
        signal.addEventListener("abort", () => {
          isGivenUp = true;
          reject(new Error("given up"));
        });
      });
    await using running = await consume(topic, store);
    await begun;
    const askedAt = performance.now();
    expect(await running.stop()).toMatchObject({ read: 0 });
    expect(isGivenUp).toBe(true);
    expect(performance.now() - askedAt).toBeLessThan(13_000);
  });

  it("is an error of the delivery when that fails for good", async () => {
    const topic = await newTopic(1);
    await produce(topic, numbered(0, 10, 1));
    const store = new MemoryStore();
    let tries = 0;
    store.before = () => {
      tries += 1;
      return Promise.reject(new TypeError("a bug"));
    };
    await using running = await consume(topic, store);
    await expect(running.ended).rejects.toMatchObject({ code: "unexpected", message: "a bug" });
    expect(tries).toBe(1);
  });

  it("comes within a second or two when the signal fires during the start", async () => {
    const topic = await newTopic(1);
    await using running = await consume(topic, new MemoryStore());
    const askedAt = performance.now();
    await expect(running.stop()).rejects.toMatchObject({ name: "AbortError" }); // it never joined
    expect(performance.now() - askedAt).toBeLessThan(3_000);
  });
});

describe("a run that was to come to the end", () => {
  it("is not taken for done when the signal ends it before", async () => {
    const topic = await newTopic(1);
    await produce(topic, numbered(0, 10, 1));
    const store = new MemoryStore();
    store.before = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("given up")));
      });
    await using running = await consume(topic, store, { untilEnd: true });
    await running.told.until(() => running.told.of("assigned").length === 1);
    await expect(running.stop()).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("an idle consumer", () => {
  it("sets some twenty timers a second, and not some hundreds as kafkajs does by itself", async () => {
    const topic = await newTopic(3);
    await using running = await consume(topic, new MemoryStore());
    await running.told.until(() => running.told.of("assigned").length === 1);
    await delay(1_000);
    let timers = 0;
    const hook = createHook({ init: (_, kind) => void (timers += kind === "Timeout" ? 1 : 0) }).enable();
    await delay(3_000);
    hook.disable();
    expect(timers / 3).toBeLessThan(60);
  });
});
