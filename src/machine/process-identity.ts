import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { platform } from "node:process";

/**
 * A token that stays the same as long as a process lives and that no later process with the same pid has;
 * null when no process with this pid runs. Pids are reused, after a restart of the machine even soon, and
 * whoever is killed by a remembered pid alone may be a stranger.
 */
export function processIdentity(pid: number): string | null {
  return platform === "linux" ? identityFromProc(pid) : identityFromPs(pid);
}

/** Whether the recorded process is still the one that runs under its pid. */
export function isRunning(recorded: { readonly pid: number; readonly identity: string }): boolean {
  return processIdentity(recorded.pid) === recorded.identity;
}

export interface ProcStat {
  readonly state: string;
  readonly threads: number;
  readonly startTicks: string;
}

/**
 * Field 3 (state), field 20 (threads) and field 22 (start, in clock ticks since boot) of /proc/PID/stat, proc(5).
 * Field 2, the program's name, may itself hold blanks and brackets, so counting begins after the last bracket.
 */
export function parseProcStat(stat: string): ProcStat | null {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, threads, startTicks] = [fields[0], fields[17], fields[19]];
  if (state === undefined || threads === undefined || startTicks === undefined) return null;
  return { state, threads: Number(threads), startTicks };
}

/**
 * A zombie has ended; in a container without an init process nobody may ever fetch its status. But when a process of
 * many threads is killed, its first one is a zombie while the others still hold its ports and files.
 */
export function hasEnded(stat: string): boolean {
  const parsed = parseProcStat(stat);
  return parsed === null || (/^[ZX]$/.test(parsed.state) && parsed.threads <= 1);
}

function identityFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    if (hasEnded(stat)) return null;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return `${boot}:${parseProcStat(stat)?.startTicks ?? ""}`;
  } catch {
    return null;
  }
}

function identityFromPs(pid: number): string | null {
  const answer = spawnSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
    encoding: "utf8",
    env: { LC_ALL: "C", PATH: "/bin:/usr/bin" },
  });
  const line = answer.stdout.trim();
  if (answer.status !== 0 || line === "" || line.startsWith("Z")) return null;
  return line.replace(/^\S+\s+/, "");
}
