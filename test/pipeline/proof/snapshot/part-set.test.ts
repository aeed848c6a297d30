import { expect, it } from "vitest";
import { PartSet } from "../../../../src/pipeline/proof/snapshot/part-set.ts";

function setOf(parts: readonly number[]): PartSet {
  const set = new PartSet();
  parts.forEach((part) => set.add(part));
  return set;
}

it("counts each part once, at every border of its words", () => {
  const set = setOf([1, 31, 32, 33, 63, 64]);
  expect(set.size).toBe(6);
  expect([1, 31, 32, 33, 63, 64].map((part) => set.add(part))).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(set.size).toBe(6);
  expect([2, 30, 34, 62, 65].some((part) => set.has(part))).toBe(false);
});

it("takes the largest part number that JSON can carry exactly", () => {
  const set = setOf([Number.MAX_SAFE_INTEGER]);
  expect(set.has(Number.MAX_SAFE_INTEGER)).toBe(true);
  expect(set.has(Number.MAX_SAFE_INTEGER - 1)).toBe(false);
  expect(set.missing(Number.MAX_SAFE_INTEGER, 3)).toEqual([1, 2, 3]);
});

it("names the first parts that are missing", () => {
  expect(setOf([1, 3, 5]).missing(6, 2)).toEqual([2, 4]);
  expect(setOf([1, 2]).missing(2, 2)).toEqual([]);
});

it("tells a head that is missing from a hole", () => {
  expect(setOf([3, 4, 5]).missingHead(5)).toBe(2);
  expect(setOf([1, 3, 4]).missingHead(4)).toBeNull();
  expect(setOf([1, 2, 3]).missingHead(4)).toBeNull();
  expect(setOf([1, 2]).missingHead(2)).toBeNull();
  expect(setOf([]).missingHead(2)).toBe(2);
});
