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
  expect(judged.rejected).toEqual([
    { record: bad, stage: "decode", sqlstate: null, reason: "nothing there" },
  ]);
});
