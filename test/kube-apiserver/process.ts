import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import net from "node:net";

/** A server that runs beside the tests. Disposing ends it: a polite signal first, and a hard one after ten seconds. */
export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  /** Rejects, with the end of its log, as soon as the process is gone. */
  readonly gone: Promise<never>;
}

const POLITE_MS = 10_000;

/** Starts a program with its output in a file. */
export function runServer(program: string, args: readonly string[], log: string): RunningServer {
  const output = openSync(log, "w");
  const child = spawn(program, args, { stdio: ["ignore", output, output] });
  closeSync(output);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (thrown) => resolve(thrown.message));
    child.once("exit", (code, signal) => resolve(`exit ${String(code ?? signal)}`));
  });
  const gone = ended.then(async (how): Promise<never> => {
    const text = await readFile(log, "utf8");
    throw new Error(`${program} ended (${how}). Its last lines:\n${text.split("\n").slice(-15).join("\n")}`);
  });
  gone.catch(() => undefined);
  // whatever ends the test run must not leave a server behind
  const leave = (): void => void child.kill("SIGKILL");
  process.once("exit", leave);
  return {
    pid: child.pid ?? -1,
    gone,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const hard = setTimeout(leave, POLITE_MS);
      await ended;
      clearTimeout(hard);
      process.removeListener("exit", leave);
    },
  };
}

/** Asks every 50 ms until the answer is true; a server that ends meanwhile ends the waiting with its log. */
export async function untilReady(server: RunningServer, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await Promise.race([isReady().catch(() => false), server.gone]))) {
    if (Date.now() > deadline) throw new Error(`process ${server.pid} was not ready after 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * A port that nobody listens on. Below 32768, where Linux begins to hand out ports to outgoing connections: one
 * of those could take it before the server does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = net.createServer();
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
