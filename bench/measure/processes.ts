import { readFileSync } from "node:fs";

/** Clock ticks a second in /proc; the same on every Linux that people run. */
const TICKS = 100;

/** CPU seconds of one process so far, with those of children it has seen end; null when it is gone. Linux only. */
export function cpuSecondsOf(pid: number): number | null {
  const fields = statOf(pid);
  return fields === null ? null : sum(fields.slice(11, 15)) / TICKS;
}

/** CPU seconds of a process and of all that descend from it, dead or alive: a PostgreSQL server with its backends. */
export function cpuSecondsOfTree(pid: number): number {
  const living = childrenOf(pid).reduce((total, child) => total + cpuSecondsOfTree(child), 0);
  return (cpuSecondsOf(pid) ?? 0) + living;
}

/** The largest resident set so far, in megabytes: the kernel keeps it. Null when the process is gone. */
export function peakMegabytesOf(pid: number): number | null {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

function childrenOf(pid: number): number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`) ?? "";
  return text.split(" ").filter(Boolean).map(Number);
}

/** The fields of /proc/PID/stat from the third on (state); utime, stime, cutime, cstime are then 11 to 14. */
function statOf(pid: number): string[] | null {
  const text = read(`/proc/${pid}/stat`);
  return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null; // it has just ended
  }
}

function sum(texts: readonly string[]): number {
  return texts.reduce((total, text) => total + Number(text), 0);
}
