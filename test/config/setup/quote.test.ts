import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quoteForShell } from "../../../src/config/setup/quote.ts";
import { decodeValue } from "../../../src/config/sources/env-value.ts";

/** Everything a line of an env file can hold. */
const value = fc.string({ unit: "grapheme" }).filter((text) => !/\p{Cc}/u.test(text));

describe("quoteForShell", () => {
  it("leaves plain words alone", () => {
    expect(quoteForShell("broker-1.example.org:9092,b:2")).toBe("broker-1.example.org:9092,b:2");
  });

  it("is read back by our own reader, whatever the value", () => {
    fc.assert(
      fc.property(value, (text) => {
        expect(decodeValue(quoteForShell(text).trim())).toEqual({ text });
      }),
    );
  });

  it("is read back although it holds what some take for a line break", () => {
    expect(decodeValue(quoteForShell("a\u2028b"))).toEqual({ text: "a\u2028b" });
  });

  it("is read alike by a shell", () => {
    const texts = [
      "it's",
      "a b",
      "$HOME `id` $(id)",
      '"',
      "\\",
      "ends with \\",
      "#1",
      "~",
      "!x",
      "*",
      "'",
      "''",
      "a;b&c|d",
    ];
    const script = texts.map((text) => `printf '%s\\n' ${quoteForShell(text)}`).join("\n");
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" }).trimEnd().split("\n")).toEqual(texts);
  });
});
