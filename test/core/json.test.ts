import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, isJsonObject, type Json } from "../../src/core/json.ts";

const json = fc.jsonValue() as fc.Arbitrary<Json>;

/** The same value with the members of every object in another order. */
function reordered(value: Json): Json {
  if (isJsonObject(value)) {
    const entries = Object.entries(value).map(([key, member]): [string, Json] => [key, reordered(member)]);
    return Object.fromEntries(entries.reverse());
  }
  return Array.isArray(value) ? (value as readonly Json[]).map(reordered) : value;
}

describe("canonicalJson", () => {
  it("sorts keys by code unit, at every level, and writes no white space", () => {
    const value = { b: [1, { z: null, a: "x" }], Z: true, "10": 1, "9": 2, "": 0 };
    expect(canonicalJson(value)).toBe('{"":0,"10":1,"9":2,"Z":true,"b":[1,{"a":"x","z":null}]}');
  });

  it("escapes what JSON.stringify escapes, and nothing else", () => {
    const text = '"\\\u0000\u001f\u007f\u0085\u2028\ud800🚢é/';
    expect(canonicalJson(text)).toBe(JSON.stringify(text));
    expect(canonicalJson({ [text]: text })).toBe(JSON.stringify({ [text]: text }));
  });

  it("writes empty lists and objects, and a field named __proto__ like any other", () => {
    const value = JSON.parse('{"b":{},"a":[],"__proto__":{"x":1}}') as Json;
    expect(canonicalJson(value)).toBe('{"__proto__":{"x":1},"a":[],"b":{}}');
  });

  it("says the same of any value whatever the order of its keys, and loses nothing", () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reordered(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("writes any text as JSON.stringify does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => canonicalJson(text) === JSON.stringify(text)),
    );
  });
});

describe("isJsonObject", () => {
  it("takes neither null nor a list for an object", () => {
    expect([{}, [], null, "x", 1, undefined].map(isJsonObject)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
