import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { giveBack, tryLock } from "../../src/machine/lock-file.ts";
import { processIdentity } from "../../src/machine/process-identity.ts";
import { temporaryFolder } from "../support/cli.ts";

describe("a lock", () => {
  it("is one process's until it is given back, and names it", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "lock");
    expect(tryLock(path)).toBeNull();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(tryLock(path)).toEqual({ pid: process.pid, identity: processIdentity(process.pid) });
    giveBack(path);
    expect(tryLock(path)).toBeNull();
    expect(await readdir(folder.path)).toEqual(["lock"]);
  });

  it.each(["", "{", '{"pid":"me"}'])("is taken over when a lost power left %j of it", async (words) => {
    await using folder = await temporaryFolder();
    await folder.write("lock", words);
    expect(tryLock(join(folder.path, "lock"))).toBeNull();
    expect(await readdir(folder.path)).toEqual(["lock"]);
  });

  it("is taken over from a process that is gone", async () => {
    await using folder = await temporaryFolder();
    const child = spawn(process.execPath, ["-e", "0"]);
    await once(child, "exit");
    await folder.write("lock", JSON.stringify({ pid: child.pid, identity: "gone" }));
    expect(tryLock(join(folder.path, "lock"))).toBeNull();
  });

  it("is not made where there is no folder", async () => {
    await using folder = await temporaryFolder();
    expect(() => tryLock(join(folder.path, "none", "lock"))).toThrow("ENOENT");
  });
});
