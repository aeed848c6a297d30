import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderFile, setupFiles } from "../../../src/config/setup/files.ts";
import { planFiles, type PlannedFile } from "../../../src/config/setup/plan.ts";
import { writePlan } from "../../../src/config/setup/write.ts";
import { makeFolder, thrownBy } from "../make-input.ts";
import { hybrid, legacy } from "./answers-of.ts";

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe("writePlan", () => {
  it("makes the folder and files of mode 0600, and leaves nothing else behind", () => {
    const folder = makeFolder();
    expect(writePlan(planFiles(folder, "a/b", setupFiles(hybrid)))).toEqual([
      { path: "a/b/.env.hybrid", change: "create", backup: null },
      { path: "a/b/.env.hybrid-consumer", change: "create", backup: null },
    ]);
    expect(readdirSync(join(folder, "a/b")).sort()).toEqual([".env.hybrid", ".env.hybrid-consumer"]);
    expect(modeOf(join(folder, "a/b/.env.hybrid"))).toBe("600");
    expect(readFileSync(join(folder, "a/b/.env.hybrid"), "utf8")).toBe(setupFiles(hybrid).map(renderFile)[0]);
  });

  it("keeps every old form under a name of its own", () => {
    const folder = makeFolder({ "env/.env.hybrid": "first\n" });
    const path = join(folder, "env/.env.hybrid");
    chmodSync(path, 0o644);
    expect(writePlan(planFiles(folder, "env", setupFiles(legacy)))[0]?.backup).toBe("env/.env.hybrid.bak");
    expect(readFileSync(`${path}.bak`, "utf8")).toBe("first\n");
    expect(modeOf(`${path}.bak`)).toBe("600");
    writeFileSync(path, "second\n");
    expect(writePlan(planFiles(folder, "env", setupFiles(legacy)))[0]?.backup).toBe("env/.env.hybrid.bak.2");
    expect(readFileSync(`${path}.bak`, "utf8")).toBe("first\n");
    writeFileSync(path, "second\n");
    expect(writePlan(planFiles(folder, "env", setupFiles(legacy)))[0]?.backup).toBe("env/.env.hybrid.bak.2");
  });

  it("closes a file that is right but open to others", () => {
    const folder = makeFolder({ "env/.env.hybrid": setupFiles(legacy).map(renderFile)[0] ?? "" });
    chmodSync(join(folder, "env/.env.hybrid"), 0o644);
    expect(writePlan(planFiles(folder, "env", setupFiles(legacy)))[0]?.change).toBe("keep");
    expect(modeOf(join(folder, "env/.env.hybrid"))).toBe("600");
  });

  it("puts a stale file aside", () => {
    const folder = makeFolder({ "env/.env.hybrid-consumer": "old\n" });
    writePlan(planFiles(folder, "env", setupFiles(legacy)));
    expect(existsSync(join(folder, "env/.env.hybrid-consumer"))).toBe(false);
    expect(readFileSync(join(folder, "env/.env.hybrid-consumer.bak"), "utf8")).toBe("old\n");
  });

  it("changes nothing at all when one of the files cannot be written", () => {
    const folder = makeFolder({ "env/.env.hybrid": "old\n" });
    mkdirSync(join(folder, "blocked"));
    writeFileSync(join(folder, "blocked/file"), "");
    const [first] = planFiles(folder, "env", setupFiles(hybrid));
    const second: PlannedFile = {
      path: "blocked/file/.env",
      absolute: join(folder, "blocked/file/.env"),
      change: "create",
      isEdited: false,
      text: "x",
      difference: [],
    };
    const error = thrownBy(() => writePlan(first === undefined ? [] : [first, second]));
    expect(error.code).toBe("usage");
    expect(error.message).toContain("cannot be written");
    expect(readdirSync(join(folder, "env"))).toEqual([".env.hybrid"]);
    expect(readFileSync(join(folder, "env/.env.hybrid"), "utf8")).toBe("old\n");
  });
});
