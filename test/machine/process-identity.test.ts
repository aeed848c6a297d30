import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { hasEnded, isRunning, parseProcStat, processIdentity } from "../../src/machine/process-identity.ts";

describe("a process's identity", () => {
  it("stays the same while it runs and is gone when it has ended", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    await once(child, "spawn");
    const pid = child.pid!;
    const identity = processIdentity(pid)!;
    expect(identity).toBe(processIdentity(pid));
    expect(isRunning({ pid, identity })).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(processIdentity(pid)).toBeNull();
    expect(isRunning({ pid, identity })).toBe(false);
  });

  it("is not that of another process under the same pid", () => {
    expect(isRunning({ pid: process.pid, identity: "some other boot:12345" })).toBe(false);
  });

  it("is read behind a program name with blanks and brackets in it", () => {
    const stat = "42 (a) b) c) S 1 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000 200";
    expect(parseProcStat(stat)).toEqual({ state: "S", threads: 1, startTicks: "987654" });
  });

  it("lasts as long as one of its threads: a killed Java holds its ports until the last one has ended", () => {
    const statOf = (state: string, threads: number): string =>
      `42 (java) ${state} 1 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 ${threads} 0 987654 1000 200`;
    expect(hasEnded(statOf("S", 30))).toBe(false);
    expect(hasEnded(statOf("Z", 30))).toBe(false);
    expect(hasEnded(statOf("Z", 1))).toBe(true);
    expect(hasEnded(statOf("X", 0))).toBe(true);
  });
});
