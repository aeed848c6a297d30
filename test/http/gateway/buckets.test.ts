import { expect, it } from "vitest";
import { Buckets } from "../../../src/http/gateway/buckets.ts";

it("gives so many at once, then one each time a part of a second has passed", () => {
  let now = 0;
  const buckets = new Buckets({ burst: 2, perSecond: 0.5 }, () => now);
  expect([buckets.take("a"), buckets.take("a"), buckets.take("a"), buckets.take("b")]).toEqual([0, 0, 2, 0]);
  now = 1_900;
  expect(buckets.take("a")).toBe(1);
  now = 2_000;
  expect([buckets.take("a"), buckets.take("a")]).toEqual([0, 2]);
  now = 1_000_000;
  expect([buckets.take("a"), buckets.take("a"), buckets.take("a")]).toEqual([0, 0, 2]);
});

it("remembers a bounded number, those that came last", () => {
  const buckets = new Buckets({ burst: 1, perSecond: 0.001 }, () => 0);
  buckets.take("first");
  for (let n = 0; n < 20_000; n += 1) {
    buckets.take(`${n}`);
    if (n % 1_000 === 0) expect(buckets.take("first")).toBe(1_000);
  }
  expect(buckets.size).toBe(10_000);
});
