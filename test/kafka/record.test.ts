import { describe, expect, it } from "vitest";
import { bytesOf, toRawRecord } from "../../src/kafka/record.ts";

const message = {
  offset: "9007199254740993",
  timestamp: "-1",
  key: null,
  value: Buffer.from("{}"),
  attributes: 0,
};

describe("toRawRecord", () => {
  it("keeps offsets beyond what a number can hold", () => {
    expect(toRawRecord("t", 2, { ...message, headers: {} })).toEqual({
      topic: "t",
      partition: 2,
      offset: 9007199254740993n,
      timestamp: -1,
      key: null,
      value: Buffer.from("{}"),
      headers: [],
    });
  });

  it("makes two headers of a name that came twice, and keeps one without a value", () => {
    const headers = { a: [Buffer.from("1"), "2"], none: undefined };
    expect(toRawRecord("t", 0, { ...message, headers }).headers).toEqual([
      ["a", Buffer.from("1")],
      ["a", Buffer.from("2")],
      ["none", null],
    ]);
  });
});

describe("bytesOf", () => {
  it("counts key, value and headers", () => {
    const record = toRawRecord("t", 0, {
      ...message,
      key: Buffer.from("k"),
      headers: { ab: Buffer.from("xyz") },
    });
    expect(bytesOf(record)).toBe(1 + 2 + 5);
  });
});
