import { spawn } from "node:child_process";

export interface ToolCall {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Whom to run it as; null is whoever we are. */
  readonly user?: { readonly uid: number; readonly gid: number } | null;
  /** What it reads from standard input. */
  readonly input?: string;
}

export interface ToolAnswer {
  /** Exit status; null when a signal ended it, also the one after `timeoutMs`. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Rejects when it cannot be run at all (`code` ENOENT, EACCES) or the signal fires. */
export async function runTool(file: string, args: readonly string[], call: ToolCall): Promise<ToolAnswer> {
  call.signal.throwIfAborted();
  const child = spawn(file, args, {
    cwd: call.cwd,
    env: call.environment,
    stdio: ["pipe", "pipe", "pipe"],
    timeout: call.timeoutMs,
    signal: call.signal,
    ...(call.user ? { uid: call.user.uid, gid: call.user.gid } : {}),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A program that ends without reading its input closes the pipe; its exit status says the rest.
  child.stdin.on("error", () => undefined);
  child.stdin.end(call.input ?? "");
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString("utf8");
  return { status, stdout: text(stdout), stderr: text(stderr) };
}

/** Whether a program could not be run because it is not there. */
export function isNotFound(thrown: unknown): boolean {
  return (
    thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR")
  );
}
