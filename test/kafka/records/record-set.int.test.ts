import { expect, inject, it } from "vitest";
import type { KafkaSettings } from "../../../src/config/parts.ts";
import type { RawRecord } from "../../../src/pipeline/ports.ts";
import { readRange } from "../../../src/kafka/reader.ts";
import { createTopic } from "../../support/produce.ts";
import { produceRaw, type RawMessage } from "../../support/raw-produce.ts";
import { testTopicName } from "../../support/servers.ts";

const ANY_TIME = {
  "message.timestamp.after.max.ms": "9223372036854775807",
  "message.timestamp.before.max.ms": "9223372036854775807",
  "max.message.bytes": "10000000",
};

/** What our reader makes of one record with these headers. */
async function readBack(message: Partial<RawMessage>): Promise<RawRecord> {
  const brokers = inject("brokers");
  const topic = testTopicName("headers");
  await createTopic(brokers, topic, 1, ANY_TIME);
  const usual = { partition: 0, key: null, value: Buffer.from("x"), headers: [], timestamp: 5n };
  await produceRaw(brokers, topic, [{ ...usual, ...message }]);
  const records: RawRecord[] = [];
  const settings = { brokers, topic } satisfies KafkaSettings;
  await readRange(
    settings,
    { topic, partition: 0, first: 0n, last: 0n },
    (record) => void records.push(record),
  );
  return records[0]!;
}

function named(name: string, value: string | null): RawMessage["headers"][number] {
  return [Buffer.from(name), value === null ? null : Buffer.from(value)];
}

it("keeps headers in their order, also those that come twice, have no value or look like numbers", async () => {
  const headers = [
    named("b", "1"),
    named("2", ""),
    named("b", null),
    named("1", "x"),
    named("b", "3"),
    named("", "e"),
  ];
  const { headers: read } = await readBack({ headers });
  expect(read.map(([name, value]) => [name, value?.toString() ?? null])).toEqual(
    headers.map(([name, value]) => [name.toString(), value?.toString() ?? null]),
  );
});

it("reads headers under the names of an object's own members as any other", async () => {
  const headers = ["__proto__", "constructor", "toString", "hasOwnProperty"].map((name) => named(name, "v"));
  const { headers: read } = await readBack({ headers });
  expect(read).toEqual(headers.map(([name, value]) => [name.toString(), value]));
});

it("keeps a name that is not UTF-8 as the bytes it is", async () => {
  const name = Buffer.from([0x68, 0xff]);
  expect((await readBack({ headers: [[name, null]] })).headers).toEqual([[name, null]]);
});

it("reads a hundred thousand headers in a moment", async () => {
  const headers = Array.from({ length: 100_000 }, (_, n) => named(`h${n}`, "v"));
  const began = performance.now();
  expect((await readBack({ headers })).headers).toHaveLength(100_000);
  expect(performance.now() - began).toBeLessThan(10_000);
});

it.each([-1n, 0n, 1_700_000_000_123_456_789n, 9_223_372_036_854_775_807n])(
  "reads the timestamp %s as it is",
  async (timestamp) => {
    expect(BigInt((await readBack({ timestamp })).timestamp)).toBe(timestamp);
  },
);
