import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commitable } from "../../../src/config/setup/git-ignored.ts";
import { makeFolder } from "../make-input.ts";

describe("commitable", () => {
  it("names the files that git would take, and those that it has already", () => {
    const folder = makeFolder({
      ".gitignore": "env/.env.*\n",
      "env/.env.hybrid": "",
      "other/.env.hybrid": "",
      "env/.env.old": "",
    });
    const git = (...words: string[]) => execFileSync("git", words, { cwd: folder, stdio: "ignore" });
    git("init");
    git("add", "--force", "env/.env.old");
    const files = ["env/.env.hybrid", "other/.env.hybrid", "env/.env.old"].map((name) => join(folder, name));
    expect(commitable(files)).toEqual([join(folder, "other/.env.hybrid"), join(folder, "env/.env.old")]);
  });

  it("has nothing to say outside a repository", () => {
    expect(commitable([join(makeFolder({ "x.env": "" }), "x.env")])).toEqual([]);
  });
});
