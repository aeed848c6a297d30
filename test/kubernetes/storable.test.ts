import { describe, expect, it } from "vitest";
import { parseStorable } from "../../src/kubernetes/storable.ts";

describe("JSON on its way to jsonb", () => {
  it("loses NULs and half surrogate pairs, in values and in names, and nothing else", () => {
    const text = String.raw`{"a\u0000":["x\u0000y","\ud83d\ude00","\ud83d","\udE00z",{"b":"\uDBFF\udfff"}],"c":"\\u0000"}`;
    expect(parseStorable(text)).toEqual({
      "a\ufffd": ["x\ufffdy", "😀", "\ufffd", "\ufffdz", { b: "\u{10ffff}" }],
      c: String.raw`\u0000`,
    });
  });

  it("keeps every other value as it is", () => {
    const value = { a: [1, 2.5, -0.25, true, null, "ä😀"], "": {} };
    expect(parseStorable(JSON.stringify(value))).toEqual(value);
  });

  it("keeps a member called __proto__ a member", () => {
    const parsed = parseStorable(String.raw`{"__proto__":{"x":"\u0000"}}`);
    expect(Object.keys(parsed as object)).toEqual(["__proto__"]);
  });

  it("is null when it is not JSON", () => {
    expect(parseStorable('{"a":')).toBeNull();
    expect(parseStorable("")).toBeNull();
  });
});
