import { expect, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
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
  expect(judged.sheets).toEqual([[{ v: "x" }, { w: 1 }, { v: "y" }, { w: 1 }]]);
  expect(judged.accepted).toBe(2);
  expect(judged.taken).toBe(3);
  expect(judged.rejected).toEqual([
    { record: bad, stage: "decode", sqlstate: null, reason: "nothing there" },
  ]);
});

it("leaves records for later once those before them unpacked to much, but takes one at least", () => {
  const packed: Stream = { ...stream, decode: () => ({ kind: "rows", rows: [{ v: 1 }], bytes: 5_000_000 }) };
  const records = Array.from({ length: 5 }, (_, n) => record(BigInt(n), "x"));
  expect(judge(packed, records)).toMatchObject({ taken: 2, accepted: 2, sheets: [[{ v: 1 }, { v: 1 }]] });
  const huge: Stream = { ...stream, decode: () => ({ kind: "rows", rows: [], bytes: 1e12 }) };
  expect(judge(huge, records).taken).toBe(1);
});

const TABLES: Stream = {
  ...stream,
  target: {
    kind: "tables",
    tables: [
      { table: ["public", "all"], columns: { v: "text" }, identity: [], again: "replace" },
      { table: ["public", "last"], columns: { k: "text", v: "text" }, identity: ["k"], again: "replace" },
      { table: ["public", "pairs"], columns: {}, identity: ["a", "b"], again: "replace" },
      { table: ["public", "first"], columns: {}, identity: ["k"], again: "keep" },
    ],
  },
  decode: ({ value }) => ({ kind: "tables", tables: JSON.parse(String(value)) as JsonObject[][] }),
};

it("keeps the last row of each fact where a later one takes the place of an earlier one", () => {
  const { sheets } = judge(TABLES, [
    record(0n, JSON.stringify([[{ v: 1 }], [{ k: "x", v: 1 }], [{ a: 1, b: 2 }], [{ k: 1 }]])),
    record(1n, JSON.stringify([[{ v: 1 }], [{ k: "y", v: 2 }], [{ a: 12, b: "" }], []])),
    record(2n, JSON.stringify([[], [{ k: "x", v: 3 }], [{ a: 1, b: 2, c: 3 }], [{ k: 1, v: 2 }]])),
    record(3n, JSON.stringify([[], [{ v: 4 }, { k: null, v: 5 }], [{ a: 1 }, { a: 1, b: null }], []])),
  ]);
  expect(sheets).toEqual([
    [{ v: 1 }, { v: 1 }],
    [{ k: "x", v: 3 }, { k: "y", v: 2 }, { v: 4 }, { k: null, v: 5 }],
    [{ a: 1, b: 2, c: 3 }, { a: 12, b: "" }, { a: 1 }, { a: 1, b: null }],
    [{ k: 1 }, { k: 1, v: 2 }],
  ]);
});

it("does not guess where rows belong for which the stream has no table", () => {
  const five = record(0n, JSON.stringify([[], [], [], [], [{}]]));
  expect(() => judge(TABLES, [five])).toThrow("more tables than it names");
});
