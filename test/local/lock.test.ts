import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/core/report.ts";
import { withLock } from "../../src/local/lock.ts";
import { processIdentity } from "../../src/machine/process-identity.ts";
import { temporaryFolder } from "../support/cli.ts";

const { signal } = new AbortController();
const silent = (): void => undefined;

describe("the lock of a data folder", () => {
  it("lets one work at a time, and tells the other what it waits for", async () => {
    await using folder = await temporaryFolder();
    const order: string[] = [];
    const told: Report[] = [];
    let release = silent;
    const released = new Promise<void>((resolve) => (release = resolve));
    const first = withLock(folder.path, silent, signal, async () => {
      order.push("first begins");
      await released;
      order.push("first ends");
    });
    const second = withLock(
      folder.path,
      (report) => {
        told.push(report);
        release();
      },
      signal,
      () => Promise.resolve(order.push("second")),
    );
    await Promise.all([first, second]);
    expect(order).toEqual(["first begins", "first ends", "second"]);
    expect(told).toEqual([
      {
        kind: "waiting",
        for: folder.path,
        reason: `another clusterflow local command (pid ${process.pid}) is at work there`,
      },
    ]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("is given back when the work fails", async () => {
    await using folder = await temporaryFolder();
    const failing = withLock(folder.path, silent, signal, () => Promise.reject(new Error("disk on fire")));
    await expect(failing).rejects.toThrow("disk on fire");
    expect(existsSync(join(folder.path, "lock"))).toBe(false);
  });

  it("is taken over from a process that is gone, even when its pid lives on as another process", async () => {
    await using folder = await temporaryFolder();
    const child = spawn(process.execPath, ["-e", "0"]);
    await once(child, "exit");
    for (const owner of [
      { pid: child.pid, identity: "gone" },
      { pid: process.pid, identity: "another boot:1" },
    ]) {
      await folder.write("lock", JSON.stringify(owner));
      expect(await withLock(folder.path, silent, signal, () => Promise.resolve("done"))).toBe("done");
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("stops waiting when it is told to", async () => {
    await using folder = await temporaryFolder();
    await folder.write("lock", JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) }));
    const stop = new AbortController();
    const waiting = withLock(
      folder.path,
      () => stop.abort(new Error("enough")),
      stop.signal,
      () => Promise.resolve(),
    );
    await expect(waiting).rejects.toThrow("enough");
    expect(existsSync(join(folder.path, "lock"))).toBe(true);
  });
});
