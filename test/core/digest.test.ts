import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDigests, digestTerm, formatDigest, hashOf, parseDigest } from "../../src/core/digest.ts";

const digest = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n });

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("hashOf", () => {
  it("is the SHA-256 of the canonical text", () => {
    expect(hashOf({ b: 1, a: "é" })).toBe(sha256('{"a":"é","b":1}'));
  });
});

describe("digestTerm", () => {
  it("is the SHA-256 of uid, NUL and hash, read as a number", () => {
    expect(digestTerm("u-1", "ab")).toBe(BigInt(`0x${sha256("u-1\u0000ab")}`));
  });

  it("tells an object's uid from its hash", () => {
    expect(digestTerm("u1", "2ab")).not.toBe(digestTerm("u12", "ab"));
  });
});

describe("addDigests", () => {
  it("does not depend on order or grouping, and stays below 2^256", () => {
    fc.assert(
      fc.property(digest, digest, digest, (a, b, c) => {
        expect(addDigests(a, b)).toBe(addDigests(b, a));
        expect(addDigests(addDigests(a, b), c)).toBe(addDigests(a, addDigests(b, c)));
        expect(addDigests(a, b)).toBeLessThan(1n << 256n);
      }),
    );
  });

  it("shows an object that came twice", () => {
    const term = digestTerm("u-1", "ab");
    expect(addDigests(addDigests(0n, term), term)).not.toBe(0n);
  });
});

describe("formatDigest and parseDigest", () => {
  it("are each other's inverse, in 64 digits", () => {
    fc.assert(
      fc.property(digest, (value) => {
        expect(formatDigest(value)).toHaveLength(64);
        expect(parseDigest(formatDigest(value))).toBe(value);
      }),
    );
  });

  it.each(["", "0", "A".repeat(64), "g".repeat(64), `${"0".repeat(64)}\n`, `0x${"0".repeat(62)}`])(
    "refuses %j",
    (text) => {
      expect(parseDigest(text)).toBeNull();
    },
  );
});
