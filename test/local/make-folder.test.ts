import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { platform } from "node:process";
import { describe, expect, it } from "vitest";
import { makeFolder, removeMadeFolders } from "../../src/local/make-folder.ts";
import { temporaryFolder } from "../support/cli.ts";

describe("making a folder", () => {
  it("makes what is missing above it, and says what that was", async () => {
    await using folder = await temporaryFolder();
    const [a, b] = [join(folder.path, "a"), join(folder.path, "a", "b")];
    expect(makeFolder(b)).toEqual([a, b]);
    expect(makeFolder(b)).toEqual([]);
    expect(existsSync(b)).toBe(true);
  });

  it("ends at once where a file is in the way, or where the system makes no folders", async () => {
    await using folder = await temporaryFolder();
    const file = await folder.write("file", "");
    expect(() => makeFolder(file)).toThrow("is not a directory");
    expect(() => makeFolder(join(file, "below"))).toThrow("ENOTDIR");
    if (platform === "linux") expect(() => makeFolder("/proc/clusterflow-test")).toThrow("ENOENT");
  });

  it("is undone as far as nothing was put in", async () => {
    await using folder = await temporaryFolder();
    const [a, b] = [join(folder.path, "a"), join(folder.path, "a", "b")];
    const made = makeFolder(b);
    await mkdir(join(a, "mine"));
    removeMadeFolders(made);
    expect([existsSync(a), existsSync(b)]).toEqual([true, false]);
  });
});
