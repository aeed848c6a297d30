import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "../../src/core/nearest.ts";

describe("nearestName", () => {
  it("is the known name that a mistyped one stands for, or none", () => {
    expect(nearestName("colums", ["name", "columns"])).toBe("columns");
    expect(nearestName("zzzzzz", ["name", "columns"])).toBeNull();
  });
});

describe("editDistance", () => {
  it("counts insertions, deletions, replacements and swaps", () => {
    expect([editDistance("abc", "abc"), editDistance("abc", "abcd"), editDistance("abc", "ac")]).toEqual([
      0, 1, 1,
    ]);
    expect([editDistance("abc", "axc"), editDistance("abc", "acb"), editDistance("", "abc")]).toEqual([
      1, 1, 3,
    ]);
  });
});
