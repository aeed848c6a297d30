import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PartitionQueue, type CutLimits } from "../../src/kafka/partition-queue.ts";
import type { RawRecord } from "../../src/pipeline/ports.ts";

function record(offset: bigint, bytes: number): RawRecord {
  return {
    topic: "t",
    partition: 0,
    offset,
    timestamp: -1,
    key: null,
    value: Buffer.alloc(bytes),
    headers: [],
  };
}

const bytesIn = (records: readonly RawRecord[]): number =>
  records.reduce((sum, one) => sum + one.value!.length, 0);

/** Fetches as Kafka answers them: ascending offsets with gaps, some without a record, each with its end. */
const fetches = fc
  .array(
    fc.record({
      records: fc.array(fc.record({ gap: fc.nat(3), bytes: fc.nat(120) }), { maxLength: 8 }),
      tail: fc.nat(3),
    }),
    { maxLength: 12 },
  )
  .map((shapes) => {
    let next = 0n;
    return shapes.map(({ records, tail }) => {
      const made = records.map(({ gap, bytes }) => {
        next += BigInt(gap) + 1n;
        return record(next - 1n, bytes);
      });
      next += BigInt(made.length === 0 ? tail + 1 : tail);
      return { records: made, end: next };
    });
  });

const limits: fc.Arbitrary<CutLimits> = fc.record({
  records: fc.integer({ min: 1, max: 10 }),
  bytes: fc.integer({ min: 1, max: 300 }),
});

describe("PartitionQueue", () => {
  it("hands out every record once and in order, in batches whose ranges join without gap or overlap", () => {
    fc.assert(
      fc.property(fetches, limits, (all, limit) => {
        const queue = new PartitionQueue();
        for (const { records, end } of all) queue.push(records, end);
        const seen: RawRecord[] = [];
        let position = 0n;
        for (let cut = queue.cut(limit); cut !== null; cut = queue.cut(limit)) {
          expect(cut.end > position).toBe(true);
          for (const one of cut.records) expect(one.offset >= position && one.offset < cut.end).toBe(true);
          expect(cut.records.length).toBeLessThanOrEqual(limit.records);
          if (cut.records.length > 1) expect(bytesIn(cut.records)).toBeLessThanOrEqual(limit.bytes);
          seen.push(...cut.records);
          position = cut.end;
        }
        expect(seen).toEqual(all.flatMap(({ records }) => records));
        expect(position).toBe(all.at(-1)?.end ?? 0n);
        expect(queue.cost).toBe(0);
      }),
    );
  });

  it("does the same when fetches arrive between the cuts", () => {
    fc.assert(
      fc.property(fetches, limits, (all, limit) => {
        const queue = new PartitionQueue();
        const seen: bigint[] = [];
        for (const { records, end } of all) {
          queue.push(records, end);
          seen.push(...(queue.cut(limit)?.records ?? []).map(({ offset }) => offset));
        }
        for (let cut = queue.cut(limit); cut !== null; cut = queue.cut(limit)) {
          seen.push(...cut.records.map(({ offset }) => offset));
        }
        expect(seen).toEqual(all.flatMap(({ records }) => records.map(({ offset }) => offset)));
      }),
    );
  });

  it("hands out a record above the limit alone", () => {
    const queue = new PartitionQueue();
    queue.push([record(0n, 10), record(1n, 5_000), record(2n, 10)], 3n);
    const sizes = [1, 2, 3].map(() =>
      queue.cut({ records: 100, bytes: 1_000 })?.records.map((one) => one.value!.length),
    );
    expect(sizes).toEqual([[10], [5_000], [10]]);
  });

  it("settles offsets that no record lies at", () => {
    const queue = new PartitionQueue();
    queue.push([], 7n);
    expect(queue.cut({ records: 10, bytes: 10 })).toEqual({ records: [], end: 7n, cost: 0 });
    expect(queue.cut({ records: 10, bytes: 10 })).toBeNull();
  });
});
