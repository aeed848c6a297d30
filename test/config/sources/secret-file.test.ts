import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSecretFile } from "../../../src/config/sources/secret-file.ts";
import { makeFolder } from "../make-input.ts";

describe("readSecretFile", () => {
  it("takes one line break from the end and nothing else", () => {
    const folder = makeFolder({ a: " s3cret \n", b: "s3cret\r\n", c: "s3cret\n\n", d: "s3cret" });
    const read = (name: string) => readSecretFile(folder, name);
    expect([read("a"), read("b")]).toEqual([{ text: " s3cret " }, { text: "s3cret" }]);
    expect([read("c"), read("d")]).toEqual([{ text: "s3cret\n" }, { text: "s3cret" }]);
  });

  it("takes an absolute path as it is", () => {
    const folder = makeFolder({ a: "x" });
    expect(readSecretFile("/nowhere", join(folder, "a"))).toEqual({ text: "x" });
  });

  it("has a sentence for a file that is missing, empty or a directory", () => {
    const folder = makeFolder({ empty: "\n", "folder/x": "" });
    expect(readSecretFile(folder, "missing")).toEqual({ trouble: "names missing, which does not exist" });
    expect(readSecretFile(folder, "empty")).toEqual({ trouble: "names empty, which is empty" });
    expect(readSecretFile(folder, "folder")).toEqual({ trouble: "names folder, which is a directory" });
  });
});
