import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { unpackItems } from "../../../src/streams/cluster-info/unpack-items.ts";

function packed(bytes: Buffer | string): ReturnType<typeof unpackItems> {
  return unpackItems({ encoding: "gzip+base64", items: gzipSync(bytes).toString("base64") });
}

describe("unpackItems", () => {
  it("hands on a list that is not packed as it is", () => {
    const items = [{ a: 1 }, "x", null];
    expect(unpackItems({ encoding: undefined, items })).toEqual({ kind: "items", items, bytes: 0 });
  });

  it("unpacks a list", () => {
    expect(packed('[{"a":"é"}]')).toEqual({ kind: "items", items: [{ a: "é" }], bytes: 12 });
  });

  it("takes a text of eight megabytes, larger than any object a cluster stores", () => {
    expect(packed(JSON.stringify([{ a: "x,".repeat(400_000) + "y".repeat(8_000_000) }])).kind).toBe("items");
  });

  it.each([
    ["zeros", Buffer.alloc(65 * 1024 * 1024), "the field items unpacks to more than 16777216 bytes"],
    ["empty lists", `[${"[],".repeat(600_000)}[]]`, "the field items unpacks to more than 1000000 values"],
    ["brackets", "[".repeat(2_000_000), "the field items unpacks to more than 1000000 values"],
  ])("refuses a bomb of %s", (_, bytes, reason) => {
    const bomb = gzipSync(bytes).toString("base64");
    expect(unpackItems({ encoding: "gzip+base64", items: bomb })).toEqual({ kind: "rejected", reason });
  });

  it.each([
    ["bad UTF-8", Buffer.from([0x22, 0xff, 0x22]), "what the field items unpacks to is not valid UTF-8"],
    ["nothing", "", "what the field items unpacks to is empty"],
    ["an escaped NUL", '["\\u0000"]', "what the field items unpacks to holds a \\u0000"],
  ])("judges what it unpacked as it judges a value: %s", (_, bytes, reason) => {
    expect(packed(bytes)).toMatchObject({
      kind: "rejected",
      reason: expect.stringContaining(reason) as string,
    });
  });
});
