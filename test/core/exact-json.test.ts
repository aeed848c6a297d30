import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactNumber, exactText, parseDocument, parseExact } from "../../src/core/exact-json.ts";
import { canonicalJson } from "../../src/core/json.ts";

/** Numbers as JSON may have them, short and long. */
const numeral = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.bigInt({ min: 0n, max: 10n ** 30n }),
    fc.option(fc.stringMatching(/^\d{1,30}$/)),
    fc.option(fc.integer({ min: -40, max: 40 })),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === null ? "" : `.${fraction}`}${exponent === null ? "" : `e${exponent}`}`,
  );

describe("a document", () => {
  it("keeps a number that JSON.parse would round, and no other", () => {
    const text = '{"big":9223372036854775807,"safe":9007199254740991,"round":1000000000000000000000,"a":0.5}';
    const value = parseDocument(text) as Record<string, unknown>;
    expect(value["big"]).toBeInstanceOf(ExactNumber);
    expect(value).toMatchObject({ safe: 9007199254740991, round: 1e21, a: 0.5 });
    expect(exactText(value)).toBe(
      '{"big":9223372036854775807,"safe":9007199254740991,"round":1e+21,"a":0.5}',
    );
  });

  it("leaves digits in texts alone, also behind a quote that is escaped", () => {
    const value = { a: 'x\\" 9223372036854775807', "9223372036854775807": ["\\", 1], b: "B" };
    const text = JSON.stringify(value).replace('"B"', "12345678901234567");
    expect(exactText(parseDocument(text))).toBe(text);
  });

  it("is what JSON.parse makes of it when nothing is rounded", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parseDocument(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("leaves what is beyond the range of a double to those who refuse it", () => {
    const far = `1${"0".repeat(400)}`;
    expect(parseDocument(`[${far},12345678901234567890e-400]`)).toEqual([Infinity, 0]);
  });

  it("has one canonical text for one number, however often and in whatever way it is written", () => {
    fc.assert(
      fc.property(numeral, fc.integer({ min: 0, max: 30 }), (digits, zeros) => {
        const once = parseDocument(digits);
        const canonical = canonicalJson(once);
        expect(canonicalJson(parseDocument(exactText(once)))).toBe(canonical);
        const [mantissa = "", exponent = "0"] = digits.split("e");
        const point = mantissa.includes(".") ? "" : ".";
        const padded = `${mantissa}${point}${"0".repeat(zeros + 1)}e${exponent}`;
        expect(canonicalJson(parseDocument(padded))).toBe(canonical);
      }),
    );
  });

  it("tells neighbours apart that a double does not", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n, max: 10n ** 40n }), (number) => {
        expect(canonicalJson(parseDocument(`${number}`))).not.toBe(
          canonicalJson(parseDocument(`${number + 1n}`)),
        );
      }),
    );
  });
});

describe("a row's number", () => {
  it("is kept as it was written, with zeros that mean nothing to a double", () => {
    const value = parseExact('{"price":1.50000000000000000,"n":12}');
    expect(exactText(value)).toBe('{"price":1.50000000000000000,"n":12}');
  });
});
