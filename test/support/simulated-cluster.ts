import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = resolve(import.meta.dirname, "../../dist/local/cluster/main.js");

/** The simulated API server as the program it is. */
export async function simulatedCluster(
  words: readonly string[],
): Promise<{ readonly url: string } & AsyncDisposable> {
  const child = spawn(process.execPath, [PROGRAM, "--host", "127.0.0.1", "--port", "0", ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  lines.close();
  child.stdout.resume();
  const { url } = JSON.parse(line) as { readonly url: string };
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
