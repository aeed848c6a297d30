import { describe, expect, it } from "vitest";
import { parseBrokers, parseClusterSpec } from "../../src/local/stack-options.ts";

describe("the options of a local stack", () => {
  it("read a simulated cluster with and without a seed", () => {
    expect(parseClusterSpec("synthetic:500")).toEqual({ objects: 500, seed: 1 });
    expect(parseClusterSpec("synthetic:100000:42")).toEqual({ objects: 100_000, seed: 42 });
  });

  it("read that no simulated cluster is wanted", () => {
    expect(parseClusterSpec("none")).toBe("none");
  });

  it.each([
    "synthetic",
    "synthetic:",
    "synthetic:0",
    "synthetic:-5",
    "synthetic:1e3",
    "synthetic:5:",
    "kind:5",
    "",
  ])("refuse %j as a cluster", (text) => {
    expect(() => parseClusterSpec(text)).toThrow(`not "${text}"`);
  });

  it("take one broker or three", () => {
    expect([parseBrokers("1"), parseBrokers("3")]).toEqual([1, 3]);
    expect(() => parseBrokers("2")).toThrow('--brokers takes 1 or 3, not "2".');
  });
});
