import { once } from "node:events";
import { readFileSync } from "node:fs";
import { startCli, type CliOptions } from "../../test/support/cli.ts";

export interface Measured {
  readonly seconds: number;
  /** Largest resident set that was seen, in megabytes. */
  readonly peakMegabytes: number;
  readonly stdout: string;
}

/** Runs the built command and watches its memory. Linux only: the kernel keeps the peak itself. */
export async function measureCli(words: readonly string[], options: CliOptions): Promise<Measured> {
  const begun = performance.now();
  const child = startCli(words, options);
  let stdout = "";
  let stderr = "";
  let peak = 0;
  child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  const watch = setInterval(() => (peak = Math.max(peak, peakOf(child.pid))), 50);
  const [status] = (await once(child, "close")) as [number | null];
  clearInterval(watch);
  if (status !== 0) throw new Error(`${words.join(" ")} ended with ${String(status)}: ${stderr}`);
  return { seconds: (performance.now() - begun) / 1000, peakMegabytes: peak / 1024, stdout };
}

function peakOf(pid: number | undefined): number {
  try {
    const text = readFileSync(`/proc/${String(pid)}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1] ?? 0);
  } catch {
    return 0; // it has just ended
  }
}

export function report(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
