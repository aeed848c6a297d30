import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addQuantities,
  formatQuantity,
  largerQuantity,
  parseQuantity,
  type Quantity,
} from "../../../../src/streams/cluster-info/summary/quantity.ts";

const ONE = 1_000_000_000n;

function parsed(text: string): Quantity {
  const quantity = parseQuantity(text);
  if (quantity === null) throw new TypeError(`${text} is no quantity`);
  return quantity;
}

/** Amounts that Kubernetes can hold. */
const quantity: fc.Arbitrary<Quantity> = fc.record({
  nano: fc.oneof(
    fc.bigInt({ min: -((1n << 63n) - 1n) * ONE, max: ((1n << 63n) - 1n) * ONE }),
    fc.bigInt({ min: -5000n, max: 5000n }).map((whole) => whole * ONE),
    fc.bigInt({ min: 0n, max: 1n << 40n }).map((kibi) => kibi * 1024n * ONE),
  ),
  format: fc.constantFrom("decimal", "binary", "exponent"),
});

describe("parseQuantity", () => {
  it.each([
    ["0", 0n],
    ["1", ONE],
    ["+1", ONE],
    ["-1", -ONE],
    ["1.", ONE],
    [".5", ONE / 2n],
    ["007", 7n * ONE],
    ["250m", 250_000_000n],
    ["1500u", 1_500_000n],
    ["7n", 7n],
    ["1k", 1000n * ONE],
    ["1M", 10n ** 6n * ONE],
    ["1G", 10n ** 9n * ONE],
    ["1T", 10n ** 12n * ONE],
    ["1P", 10n ** 15n * ONE],
    ["1E", 10n ** 18n * ONE],
    ["1Ki", 1024n * ONE],
    ["1Mi", 1024n ** 2n * ONE],
    ["1.5Gi", 1536n * 1024n ** 2n * ONE],
    ["1Ti", 1024n ** 4n * ONE],
    ["1Pi", 1024n ** 5n * ONE],
    ["1Ei", 1024n ** 6n * ONE],
    ["1e3", 1000n * ONE],
    ["1E3", 1000n * ONE],
    ["1e+3", 1000n * ONE],
    ["12e-3", 12_000_000n],
    ["0.1", ONE / 10n],
  ])("reads %s exactly", (text, nano) => {
    expect(parseQuantity(text)?.nano).toBe(nano);
  });

  it("rounds what is finer than 1n away from zero, as Kubernetes does", () => {
    expect(parsed("0.1n").nano).toBe(1n);
    expect(parsed("-0.1n").nano).toBe(-1n);
    expect(parsed("1e-400").nano).toBe(1n);
    expect(parsed("0e-400").nano).toBe(0n);
  });

  it("takes what is beyond 2^63-1 with a binary suffix for that, as Kubernetes does, and nothing else", () => {
    const largest = ((1n << 63n) - 1n) * ONE;
    expect(["8Ei", "-8Ei", "99999Ei"].map((text) => parsed(text).nano)).toEqual([largest, -largest, largest]);
    expect(parsed("9223372036854775808").nano).toBe((1n << 63n) * ONE);
    expect(parsed("1000000P").nano).toBe(10n ** 30n);
  });

  it.each([
    "",
    ".",
    "+",
    "m",
    "Gi",
    "1K",
    "1ki",
    "1 Gi",
    " 1",
    "1\n",
    "1Kib",
    "1e3Ki",
    "1e",
    "1e1.5",
    "1mm",
    "0x10",
    "1,5",
    "--1",
    "٣",
    "1".repeat(65),
    "1e101",
    "1e999999999",
  ])("refuses %j", (text) => {
    expect(parseQuantity(text)).toBeNull();
  });

  it("never throws", () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[-+]?[0-9.]{0,8}[numkMGTPEKi e]{0,3}[-+0-9]{0,12}$/),
    );
    fc.assert(fc.property(text, (any) => [null, "object"].includes(parseQuantity(any) && "object")));
  });
});

describe("formatQuantity", () => {
  it.each([
    ["1000m", "1"],
    ["0.25", "250m"],
    ["1500m", "1500m"],
    ["2", "2"],
    ["1000", "1k"],
    ["1500", "1500"],
    ["0", "0"],
    ["0Mi", "0"],
    ["128Mi", "128Mi"],
    ["0.5Gi", "512Mi"],
    ["1024Mi", "1Gi"],
    ["1023Ki", "1023Ki"],
    ["0.5Ki", "512"],
    ["1.3Ki", "1331200m"],
    ["1024Ei", "9223372036854775807"],
    ["-128Mi", "-128Mi"],
    ["1e3", "1e3"],
    ["12e1", "120"],
    ["100e-3", "100e-3"],
    ["1000000E", "1000000E"],
    ["2550e20", "255e21"],
    ["1n", "1n"],
  ])("writes %s as %s", (text, canonical) => {
    expect(formatQuantity(parsed(text))).toBe(canonical);
  });

  it("says the same amount, whatever it is and however it is written", () => {
    fc.assert(
      fc.property(quantity, (any) => {
        expect(parsed(formatQuantity(any)).nano).toBe(any.nano);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("formatQuantity of parseQuantity", () => {
  it("is canonical: reading and writing it again changes nothing", () => {
    // a binary amount that is no multiple of 1024 is written without a suffix, and then looks like a decimal one
    const written = quantity.filter(({ nano, format }) => format !== "binary" || nano % (1024n * ONE) === 0n);
    fc.assert(
      fc.property(written, (any) => {
        const text = formatQuantity(any);
        expect(formatQuantity(parsed(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("addQuantities and largerQuantity", () => {
  it("add without loss, in any grouping, and as much from either side", () => {
    fc.assert(
      fc.property(quantity, quantity, quantity, (a, b, c) => {
        const left = addQuantities(addQuantities(a, b), c);
        expect(left.nano).toBe(addQuantities(a, addQuantities(b, c)).nano);
        expect(addQuantities(a, b).nano).toBe(addQuantities(b, a).nano);
      }),
    );
  });

  it("writes a sum like its first summand, in any grouping", () => {
    const set = quantity.filter(({ nano }) => nano >= 0n);
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        const left = addQuantities(addQuantities(a, b), c);
        expect(left).toEqual(addQuantities(a, addQuantities(b, c)));
      }),
    );
  });

  it.each([
    ["100m", "150m", "250m"],
    ["500m", "1.5", "2"],
    ["64Mi", "64Mi", "128Mi"],
    ["1Gi", "1G", "2073741824"],
    ["0", "1Gi", "1Gi"],
    ["0.1", "0.2", "300m"],
  ])("add %s and %s to %s", (left, right, sum) => {
    expect(formatQuantity(addQuantities(parsed(left), parsed(right)))).toBe(sum);
  });

  it("compares amounts, not texts", () => {
    expect(largerQuantity(parsed("1Gi"), parsed("1G"))).toEqual(parsed("1Gi"));
    expect(largerQuantity(parsed("900m"), parsed("1"))).toEqual(parsed("1"));
  });
});
