import { expect, it } from "vitest";
import { BatchTimes } from "../../src/pipeline/batch-times.ts";

it("counts each time in every bound that it does not exceed, and those above all of them, too", () => {
  const times = new BatchTimes();
  for (const seconds of [0.001, 0.004, 0.06, 1_000]) times.add(seconds);
  const atMost = new Map(times.atMost);
  expect([0.001, 0.002, 0.005, 0.05, 0.1, 300].map((bound) => atMost.get(bound))).toEqual([1, 1, 2, 2, 3, 3]);
  expect(times.count).toBe(4);
  expect(times.sum).toBeCloseTo(1_000.065);
});
