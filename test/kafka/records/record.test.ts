import { describe, expect, it } from "vitest";
import { bytesOf, toRawRecord } from "../../../src/kafka/records/record.ts";

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

  it("keeps a time beyond what a number can hold", () => {
    const timestamp = "1777593600123456789";
    expect(toRawRecord("t", 0, { ...message, timestamp, headers: {} }).timestamp).toBe(1777593600123456789n);
  });
});

describe("bytesOf", () => {
  it("counts key, value and headers", () => {
    const record = {
      ...toRawRecord("t", 0, { ...message, key: Buffer.from("k"), headers: {} }),
      headers: [["ab", Buffer.from("xyz")]] as const,
    };
    expect(bytesOf(record)).toBe(1 + 2 + 5);
  });
});
