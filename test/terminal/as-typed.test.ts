import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/index.ts";
import { asTyped } from "../../src/terminal/as-typed.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "clusterflow-path-"));
  for (const place of ["bin", "node_modules/.bin", "plain"]) {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, "clusterflow"), "");
    if (place !== "plain") chmodSync(join(folder, place, "clusterflow"), 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const typedWith = (text: string, ...places: string[]): string =>
  asTyped(text, { PATH: places.map((place) => join(folder, place)).join(":") });

describe("a command line to type", () => {
  it("has the bare name where the shell finds it", () => {
    expect(typedWith("clusterflow collect", "nowhere", "bin")).toBe("clusterflow collect");
  });

  it("goes through npx where it does not: not installed, no program, or only inside of npx", () => {
    for (const place of ["nowhere", "plain", "node_modules/.bin"])
      expect(typedWith("run clusterflow local start, then clusterflow collect", place)).toBe(
        "run npx clusterflow local start, then npx clusterflow collect",
      );
  });

  it("is told from the name in a sentence, in a path and behind npx", () => {
    const text =
      "clusterflow that reads ~/clusterflow collect-me; bin/clusterflow setup; npx clusterflow setup";
    expect(typedWith(text, "nowhere")).toBe(text);
  });

  it("is known for every command", () => {
    for (const { name } of COMMANDS)
      expect(typedWith(`clusterflow ${name} -h`, "nowhere")).toBe(`npx clusterflow ${name} -h`);
  });
});
