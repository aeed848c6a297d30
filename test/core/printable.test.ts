import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable } from "../../src/core/printable.ts";

describe("printable", () => {
  it("keeps letters of every script, symbols and blanks", () => {
    expect(printable("pod-1: ünïcödé 日本 🚢 <>")).toBe("pod-1: ünïcödé 日本 🚢 <>");
  });

  it("replaces what moves the cursor, reorders the line or is half a character", () => {
    expect(printable("a\u001b[2Jb\r\n\u202ec\ud800\u0085\u200b")).toBe("a?[2Jb???c???");
  });

  it("cuts after sixty characters, not code units, and says that it did", () => {
    expect(printable("🚢".repeat(60))).toBe("🚢".repeat(60));
    expect(printable("🚢".repeat(61))).toBe(`${"🚢".repeat(60)}…`);
    expect(printable("x".repeat(1_000_000), 5)).toBe("xxxxx…");
  });

  it("is short and printable for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(printable(text, 20)).toMatch(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{0,21}$/u);
      }),
    );
  });
});
