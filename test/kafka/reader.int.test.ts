import { describe, expect, inject, it } from "vitest";
import { readRange, topicOffsets } from "../../src/kafka/reader.ts";
import { lendAdmin, newTopic, numbered, plainKafka, produce } from "./world.ts";

const settings = { brokers: inject("brokers"), topic: "unused" };

async function read(topic: string, first: bigint, last: bigint): Promise<string[]> {
  const values: string[] = [];
  await readRange(settings, { topic, partition: 0, first, last }, ({ offset, value }) => {
    values.push(`${offset}=${value?.toString() ?? ""}`);
  });
  return values;
}

describe("topicOffsets", () => {
  it("says what each partition holds", async () => {
    const topic = await newTopic(2);
    await produce(topic, numbered(0, 10, 1));
    expect(await topicOffsets(settings, topic)).toEqual([
      { partition: 0, low: 0n, high: 10n },
      { partition: 1, low: 0n, high: 0n },
    ]);
  });
});

describe("readRange", () => {
  it("reads exactly the range, over many fetches, without a group that anybody could see", async () => {
    const topic = await newTopic(1);
    const pad = "x".repeat(400);
    await produce(
      topic,
      Array.from({ length: 24_000 }, (_, n) => ({ partition: 0, value: `${n} ${pad}` })),
    );
    const groups = (): Promise<string[]> =>
      lendAdmin(async (admin) => (await admin.listGroups()).groups.map(({ groupId }) => groupId).toSorted());
    const before = await groups();
    const values = await read(topic, 5n, 23_990n);
    expect(values.map((text) => text.split(" ")[0])).toEqual(
      Array.from({ length: 23_986 }, (_, n) => `${n + 5}=${n + 5}`),
    );
    expect(await groups()).toEqual(before);
    expect(await read(topic, 7n, 6n)).toEqual([]);
  });

  it("leaves out what was aborted", async () => {
    const topic = await newTopic(1);
    const producer = plainKafka().producer({
      transactionalId: topic,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    for (const end of ["commit", "abort", "commit"] as const) {
      const transaction = await producer.transaction();
      // what Java's producer makes of the number 0, and the end of an aborted transaction looks like
      const zero = Buffer.alloc(4);
      await transaction.send({ topic, messages: [{ key: zero, value: end }, { value: end }] });
      await transaction[end]();
    }
    await producer.disconnect();
    expect(await read(topic, 0n, 8n)).toEqual(["0=commit", "1=commit", "6=commit", "7=commit"]);
  });

  it("says what the topic holds when that is not the whole range", async () => {
    const topic = await newTopic(1);
    await produce(topic, numbered(0, 10, 1));
    await expect(read(topic, 5n, 10n)).rejects.toMatchObject({
      code: "wrong",
      message: `partition 0 of topic "${topic}" holds offsets 0 to 9, wanted are 5 to 10`,
    });
  });
});
