import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import { storageFlaw } from "../../../src/streams/reading/storage-flaw.ts";

function flawIn(text: string): string | null {
  return storageFlaw(JSON.parse(text) as Json, text);
}

describe("storageFlaw", () => {
  it("allows a hundred levels and not one more", () => {
    expect(flawIn("[".repeat(100) + "]".repeat(100))).toBeNull();
    expect(flawIn("[".repeat(101) + "]".repeat(101))).toBe("is nested more than 100 levels deep");
    expect(flawIn(`${'{"a":'.repeat(101)}1${"}".repeat(101)}`)).toBe("is nested more than 100 levels deep");
  });

  it("gives up at once in a text of half a million levels", () => {
    expect(flawIn("[".repeat(500_000) + "]".repeat(500_000))).toBe("is nested more than 100 levels deep");
  });

  it.each([
    ['{"a":["x","\\u0000"]}', "a[1]"],
    ['{"a":{"\\u0000":1}}', "a.?"],
    ['["\\ud800"]', "[0]"],
    ['["\\uDC00x"]', "[0]"],
  ])("names the place of a text that jsonb refuses in %s", (text, path) => {
    expect(flawIn(text)).toBe(`holds a \\u0000 or half of a surrogate pair, which jsonb refuses, at ${path}`);
  });

  it.each(['["\\\\u0000"]', '["\\ud83d\\udea2"]', '["\\u0001\\u007f"]', '["\\\\ud800"]', '["🚢"]'])(
    "has nothing against %s",
    (text) => {
      expect(flawIn(text)).toBeNull();
    },
  );

  it("says so when a number would become null", () => {
    expect(flawIn('{"a":[1,-1e400]}')).toBe("holds a number beyond the range of a double at a[1]");
    expect(flawIn("[1.7976931348623157e308,5e-324,-0]")).toBeNull();
  });

  it("lets any value pass that comes back from text unchanged", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "grapheme" }), (text) => {
        fc.pre(!text.includes("\\u0000"));
        expect(flawIn(text)).toBeNull();
      }),
    );
  });
});
