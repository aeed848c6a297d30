import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultAt } from "../../../src/streams/reading/json-fault.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("faultAt", () => {
  it.each([
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['{"a":1 "b":2}', 7],
    ["{a:1}", 1],
    ["{,}", 1],
    ["[1,]", 3],
    ["[1 2]", 3],
    ["[1}", 2],
    ["[,1]", 1],
    ["]", 0],
    ["1 2", 2],
    ["{} {}", 3],
    ["[01]", 1],
    ["[1.]", 1],
    ["[+1]", 1],
    ["[.5]", 1],
    ["[tru]", 1],
    ["[Infinity]", 1],
    ['["\\x"]', 2],
    ['["\\u12g4"]', 2],
    ['["a\tb"]', 3],
    ["[\u00a01]", 1],
    ["'a'", 0],
  ])("points at what cannot stand there in %j", (text, at) => {
    expect(faultAt(text)).toBe(at);
  });

  it.each(["", " ", "{", "[", '{"a"', '{"a":', '{"a":1', '{"a":1,', '["a', '["\\"', "[1,", "[[[["])(
    "points behind the end of %j, which ends too early",
    (text) => {
      expect(faultAt(text)).toBe(text.length);
    },
  );

  it("finds no fault with any JSON", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(3), (text, spaces) => {
        expect(faultAt(text)).toBe(text.length);
        const spaced = JSON.stringify(JSON.parse(text), null, spaces);
        expect(faultAt(spaced)).toBe(spaced.length);
      }),
    );
  });

  it("finds a fault inside any JSON that a character was put into, and none before it", () => {
    const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...'{}[],:"\\x0-. \u0007'.split("")));
    fc.assert(
      fc.property(broken, ([text, place, character]) => {
        const cut = place % (text.length + 1);
        const changed = text.slice(0, cut) + character + text.slice(cut);
        fc.pre(!isJson(changed));
        const at = faultAt(changed);
        expect(at).toBeLessThanOrEqual(changed.length);
        expect(faultAt(changed.slice(0, at))).toBe(at);
      }),
      { numRuns: 1000 },
    );
  });

  it("does not run out of stack in a million brackets", () => {
    expect(faultAt("[".repeat(1_000_000))).toBe(1_000_000);
    expect(faultAt(`${"[".repeat(1_000_000)}}`)).toBe(1_000_000);
  });
});
