import { expect, it } from "vitest";
import { backoffMs } from "../../src/pipeline/backoff.ts";

it("grows to ten seconds and no further, and the jitter reaches down to zero", () => {
  const longest = [1, 2, 3, 7, 30, 1000].map((attempt) => backoffMs(attempt, () => 1));
  expect(longest).toEqual([200, 400, 800, 10_000, 10_000, 10_000]);
  expect(backoffMs(5, () => 0)).toBe(0);
});
