import { expect, it } from "vitest";
import type { RecordView } from "../../../src/streams/define.ts";
import { eventIdOf } from "../../../src/streams/mykart/identity.ts";

const RECORD = {
  key: null,
  value: Buffer.from('{"product_id":1}'),
  timestamp: 1_769_853_600_000,
  topic: "mykart.clicks",
  partition: 2,
  offset: 17n,
  headers: [],
};
const idOf = (change: Partial<RecordView>): unknown => eventIdOf({ ...RECORD, ...change });

it("is the record's place, its time and its checksum", () => {
  expect(idOf({})).toEqual({ kind: "id", id: "mykart.clicks/2/17/1769853600000/c32747e1" });
});

it.each([
  ["topic", { topic: "mykart-clicks" }],
  ["partition", { partition: 1 }],
  ["offset", { offset: 18n }],
  ["time, as in a topic that was created anew", { timestamp: 1_769_853_600_001 }],
  ["value, as in a topic that was created anew within the millisecond", { value: Buffer.from("{}") }],
])("is another one in another %s", (_, change) => {
  expect(idOf(change)).not.toEqual(idOf({}));
});

it("is the header's where there is one, wherever the record lies", () => {
  const headers = [
    ["event-id", Buffer.from("mine")],
    ["clusterflow-id", Buffer.from("ours")],
  ] as const;
  expect(idOf({ headers, offset: 99n })).toEqual({ kind: "id", id: "ours" });
  expect(idOf({ headers: headers.slice(0, 1), topic: "copy" })).toEqual({ kind: "id", id: "mine" });
});

it.each([
  ["null", null],
  ["bytes that are no UTF-8", Buffer.from([0xff])],
  ["a NUL", Buffer.from("a\0b")],
])("is no header of %s", (_, value) => {
  expect(idOf({ headers: [["event-id", value]] })).toMatchObject({ kind: "fault" });
});

it("is none for a record that lies nowhere", () => {
  const { key, value, timestamp } = RECORD;
  expect(eventIdOf({ key, value, timestamp })).toMatchObject({
    kind: "fault",
    reason: expect.stringContaining("has no identity") as string,
  });
});
