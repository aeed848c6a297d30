import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FetchedRecord } from "../../../src/kafka/records/fetched-record.ts";
import { decodeRecordSet, isRecordSet } from "../../../src/kafka/records/record-set.ts";
import { toRawRecord } from "../../../src/kafka/records/record.ts";
import { registerCodecs } from "../../../src/kafka/codecs.ts";

// kafkajs's own producer side makes the bytes, and its own reader, which is slow and right, is asked as well
const require = createRequire(import.meta.url);
type Make = (options: object) => unknown;
const { RecordBatch: makeBatch } = require("kafkajs/src/protocol/recordBatch/v0/index.js") as {
  RecordBatch: (options: object) => Promise<{ readonly buffer: Buffer }>;
};
const makeRecord = require("kafkajs/src/protocol/recordBatch/record/v0/index.js") as Make;
const readBatch = require("kafkajs/src/protocol/recordBatch/v0/decoder.js") as (decoder: unknown) => Promise<{
  readonly records: readonly {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
  }[];
}>;
const Decoder = require("kafkajs/src/protocol/decoder.js") as new (bytes: Buffer) => unknown;
const Long = require("kafkajs/src/utils/long.js") as { fromValue(value: bigint): unknown };

registerCodecs();

interface Shape {
  readonly firstOffset: bigint;
  readonly firstTimestamp: bigint;
  readonly gzip: boolean;
  readonly transactional: boolean;
  readonly tail: number;
  readonly records: readonly {
    readonly gap: number;
    readonly later: number;
    readonly key: Uint8Array | null;
    readonly value: Uint8Array | null;
    readonly headers: Readonly<Record<string, string>>;
  }[];
}

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
const shape: fc.Arbitrary<Shape> = fc.record({
  firstOffset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
  firstTimestamp: fc.bigInt({ min: -1n, max: 2n ** 61n }),
  gzip: fc.boolean(),
  transactional: fc.boolean(),
  tail: fc.nat(3),
  records: fc.array(
    fc.record({
      gap: fc.oneof(fc.nat(3), fc.nat(100_000)),
      later: fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: -(2 ** 45), max: 2 ** 45 })),
      key: bytes,
      value: bytes,
      headers: fc.dictionary(fc.string({ unit: "grapheme", maxLength: 9 }), fc.string({ maxLength: 20 }), {
        maxKeys: 3,
      }),
    }),
    { maxLength: 12 },
  ),
});

function placesOf({ records }: Shape): number[] {
  let next = 0;
  return records.map(({ gap }) => {
    next += gap + 1;
    return next - 1;
  });
}

async function bytesOf(batch: Shape): Promise<Buffer> {
  const places = placesOf(batch);
  const records = batch.records.map(({ later, key, value, headers }, index) =>
    makeRecord({
      offsetDelta: places[index],
      timestampDelta: later,
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers,
    }),
  );
  const made = await makeBatch({
    compression: batch.gzip ? 1 : 0,
    firstOffset: Long.fromValue(batch.firstOffset),
    firstTimestamp: batch.firstTimestamp,
    maxTimestamp: batch.firstTimestamp,
    lastOffsetDelta: (places.at(-1) ?? -1) + batch.tail,
    transactional: batch.transactional,
    producerId: Long.fromValue(77n),
    records,
  });
  return made.buffer;
}

describe("a record set", () => {
  it("is read as kafkajs reads it, and compacted ends are not lost sight of", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(shape, { maxLength: 3 }), fc.nat(40), async (batches, cut) => {
        const sets = await Promise.all(batches.map(bytesOf));
        const theirs = await Promise.all(sets.map((set) => readBatch(new Decoder(set))));
        // the answer's last batch may be cut off; what is left of it is asked for again
        const partial = (await bytesOf({ ...EMPTY, records: [RECORD] })).subarray(0, cut);
        const messages = await decodeRecordSet(Buffer.concat([...sets, partial]));
        const ours = messages.filter(({ isControlRecord }) => !isControlRecord);
        expect(
          ours
            .map((one) => toRawRecord("t", 3, one))
            .map(({ offset, timestamp, key, value }) => ({
              offset: offset.toString(),
              timestamp: timestamp.toString(),
              key,
              value,
            })),
        ).toEqual(
          theirs
            .flatMap(({ records }) => records)
            .map(({ offset, timestamp, key, value }) => ({ offset, timestamp, key, value })),
        );
        expect(
          ours.map((one) =>
            toRawRecord("t", 3, one).headers.map(([name, value]) => [name, value?.toString()]),
          ),
        ).toEqual(batches.flatMap(({ records }) => records).map(({ headers }) => Object.entries(headers)));
        const lasts = batches.map(
          (batch) => batch.firstOffset + BigInt((placesOf(batch).at(-1) ?? -1) + batch.tail),
        );
        for (const [index, batch] of batches.entries())
          if (batch.tail > 0 || batch.records.length > 0)
            expect(messages.some(({ offset }) => offset === lasts[index])).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("knows where its records came from, and what they weigh", async () => {
    const [message] = await decodeRecordSet(await bytesOf({ ...EMPTY, records: [RECORD] }));
    const record = toRawRecord("somewhere", 4, message!);
    expect([record.topic, record.partition]).toEqual(["somewhere", 4]);
    expect(record instanceof FetchedRecord && record.size).toBe(11);
  });

  it("does not take a key of four zero bytes for the end of a transaction", async () => {
    const zeros = { ...RECORD, key: new Uint8Array(4) };
    const [inside] = await decodeRecordSet(
      await bytesOf({ ...EMPTY, transactional: true, records: [zeros] }),
    );
    expect(inside).toMatchObject({
      key: null,
      isControlRecord: false,
      batchContext: { inTransaction: true, producerId: "77" },
    });
    expect(toRawRecord("t", 0, inside!).key).toEqual(Buffer.alloc(4));
  });

  it("has the broker's own time where the topic says so", async () => {
    const set = await bytesOf({ ...EMPTY, firstTimestamp: 5n, records: [{ ...RECORD, later: 3 }] });
    set.writeInt16BE(set.readInt16BE(21) | 0x08, 21);
    set.writeBigInt64BE(1_700_000_000_000n, 35);
    expect(toRawRecord("t", 0, (await decodeRecordSet(set))[0]!).timestamp).toBe(1_700_000_000_000);
  });

  it("says so when it is damaged or packed by something unknown, and does not read on", async () => {
    const set = await bytesOf({ ...EMPTY, records: [RECORD, RECORD] });
    const damaged = Buffer.from(set);
    damaged[61] = 0x7f; // the first record's length
    await expect(decodeRecordSet(damaged)).rejects.toMatchObject({ code: "wrong" });
    set.writeInt16BE(6, 21);
    await expect(decodeRecordSet(set)).rejects.toThrow("codec 6");
  });

  it("ends whatever the bytes are", async () => {
    const good = await bytesOf({ ...EMPTY, gzip: false, records: Array.from({ length: 20 }, () => RECORD) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const bad = Buffer.from(good);
          for (const [at, byte] of changes) bad[at] = byte;
          const began = performance.now();
          const messages = await decodeRecordSet(bad).catch((error: unknown) => {
            expect(error).toBeInstanceOf(Error);
            return [];
          });
          for (const message of messages) {
            const { key, value, headers, timestamp } = toRawRecord("t", 0, message);
            expect([key?.length, value?.length, headers.length, timestamp]).toBeDefined();
          }
          expect(performance.now() - began).toBeLessThan(2_000);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("is told from older formats by its magic byte", async () => {
    const set = await bytesOf({ ...EMPTY, records: [RECORD] });
    expect(isRecordSet(set)).toBe(true);
    set[16] = 1;
    expect(isRecordSet(set)).toBe(false);
    expect(isRecordSet(Buffer.alloc(3))).toBe(false);
  });
});

const RECORD = { gap: 0, later: 0, key: null, value: Buffer.from("value"), headers: {} };
const EMPTY: Shape = {
  firstOffset: 0n,
  firstTimestamp: 0n,
  gzip: false,
  transactional: false,
  tail: 0,
  records: [],
};
