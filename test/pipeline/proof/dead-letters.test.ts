import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { DeadLetterComparison, type DeadLetter } from "../../../src/pipeline/proof/dead-letters.ts";
import type { RawRecord } from "../../../src/pipeline/ports.ts";

const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

function record(offset: bigint, key: string | null, value: string | null): RawRecord {
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
  return {
    topic: "t",
    partition: 0,
    offset,
    timestamp: 0,
    key: bytes(key),
    value: bytes(value),
    headers: [],
  };
}
function letter(offset: bigint, key: string | null, value: string | null): DeadLetter {
  const hash = (text: string | null): string | null => (text === null ? null : sha(text));
  return { offset, keyHash: hash(key), valueHash: hash(value) };
}

it("knows its records and finds them unchanged, nulls and empty bytes included", () => {
  const letters = new DeadLetterComparison();
  letters.expect([letter(1n, "k", "bad"), letter(2n, null, null), letter(3n, "", "")]);
  expect(letters.meets(record(0n, "k", "good"))).toBe(false);
  expect(letters.meets(record(1n, "k", "bad"))).toBe(true);
  expect(letters.meets(record(2n, null, null))).toBe(true);
  expect(letters.meets(record(3n, "", ""))).toBe(true);
  expect(letters.result(3n, 0n)).toEqual({ rows: 3n, unreadable: 0n, different: [], orphaned: [] });
});

it.each([
  ["another value", "k", "worse"],
  ["no value", "k", null],
  ["an empty value where there was none", "k", ""],
  ["another key", "x", "bad"],
])("names the offset of a dead letter with %s", (_, key, value) => {
  const letters = new DeadLetterComparison();
  letters.expect([letter(1n, key, value)]);
  letters.meets(record(1n, "k", "bad"));
  expect(letters.result(1n, 0n).different).toEqual([1n]);
});

it("names the offsets at which no record came, page by page", () => {
  const letters = new DeadLetterComparison();
  letters.expect([letter(1n, null, "a"), letter(2n, null, "b")]);
  letters.meets(record(1n, null, "a"));
  letters.expect([letter(5n, null, "c")]);
  expect(letters.result(3n, 0n).orphaned).toEqual([2n, 5n]);
});

it("names twenty and no more", () => {
  const letters = new DeadLetterComparison();
  letters.expect(Array.from({ length: 50 }, (_, n) => letter(BigInt(n), null, "a")));
  for (let n = 0; n < 25; n += 1) letters.meets(record(BigInt(n), null, "b"));
  const { different, orphaned } = letters.result(50n, 0n);
  expect([different.length, orphaned.length]).toEqual([20, 20]);
});
