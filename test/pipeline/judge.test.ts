import { expect, it } from "vitest";
import { judge } from "../../src/pipeline/judge.ts";
import type { RawRecord } from "../../src/pipeline/ports.ts";
import type { Stream } from "../../src/streams/define.ts";

const stream: Stream = {
  name: "s",
  topic: { name: "s", partitions: 1, config: {} },
  group: "g",
  target: { kind: "procedure", procedure: ["a", "b"] },
  decode: ({ value }) =>
    value === null
      ? { kind: "rejected", reason: "nothing there" }
      : { kind: "rows", rows: [{ v: value.toString() }, { w: 1 }] },
};
function record(offset: bigint, value: string | null): RawRecord {
  return {
    topic: "s",
    partition: 0,
    offset,
    timestamp: 0,
    key: null,
    value: value === null ? null : Buffer.from(value),
    headers: [],
  };
}

it("keeps the rows in order and every rejection with its record", () => {
  const bad = record(1n, null);
  const judged = judge(stream, [record(0n, "x"), bad, record(2n, "y")]);
  expect(judged.rows).toEqual([{ v: "x" }, { w: 1 }, { v: "y" }, { w: 1 }]);
  expect(judged.accepted).toBe(2);
  expect(judged.taken).toBe(3);
  expect(judged.rejected).toEqual([
    { record: bad, stage: "decode", sqlstate: null, reason: "nothing there" },
  ]);
});

it("leaves records for later once those before them unpacked to much, but takes one at least", () => {
  const packed: Stream = { ...stream, decode: () => ({ kind: "rows", rows: [{ v: 1 }], bytes: 5_000_000 }) };
  const records = Array.from({ length: 5 }, (_, n) => record(BigInt(n), "x"));
  expect(judge(packed, records)).toMatchObject({ taken: 2, accepted: 2, rows: [{ v: 1 }, { v: 1 }] });
  const huge: Stream = { ...stream, decode: () => ({ kind: "rows", rows: [], bytes: 1e12 }) };
  expect(judge(huge, records).taken).toBe(1);
});
