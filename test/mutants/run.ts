import { spawn } from "node:child_process";

export interface Ended {
  /** Null when it did not end in time. */
  readonly status: number | null;
  readonly output: string;
}

/** What is asked of a test runner inside another one: that it does not take itself for that one. */
const FOREIGN = /^(VITEST|NODE_ENV$|NODE_OPTIONS$|TEST$|DEV$|PROD$|MODE$|BASE_URL$|SSR$|ONLY$)/;
const GRACE_MS = 20_000;

/** Runs a program of Node's to its end; one that is too slow is asked to end, and then made to. */
export async function run(
  args: readonly string[],
  { folder, limitMs }: { readonly folder: string; readonly limitMs: number },
): Promise<Ended> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (said) => (output += String(said)));
  const slow = setTimeout(() => child.kill("SIGTERM"), limitMs);
  const stuck = setTimeout(() => child.kill("SIGKILL"), limitMs + GRACE_MS);
  const status = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  }).finally(() => {
    clearTimeout(slow);
    clearTimeout(stuck);
  });
  return { status, output };
}
