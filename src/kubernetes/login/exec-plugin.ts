import { type ChildProcess, spawn } from "node:child_process";
import { ClusterflowError } from "../../core/errors.ts";
import { formatDuration } from "../../core/duration.ts";

/** Long enough for a slow cloud login, short enough for one that waits for a browser to be noticed. */
const PLUGIN_TIMEOUT_MS = 60_000;
/** No credential is larger; a plugin that prints without end must not fill the memory. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

export interface PluginCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly installHint: string | null;
}

type Ended =
  | {
      readonly kind: "exited";
      readonly code: number | null;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: "not-started"; readonly cause: Error }
  | { readonly kind: "timed-out" | "too-long" | "aborted" };

/**
 * Runs a credential command and returns what it printed. Throws `usage` when there is no such command,
 * `unreachable` when it fails, the signal's reason when that fires.
 */
export async function runPlugin(
  call: PluginCall,
  signal: AbortSignal,
  timeoutMs = PLUGIN_TIMEOUT_MS,
): Promise<string> {
  signal.throwIfAborted();
  const ended = await run(call, signal, timeoutMs);
  const name = `the credential command "${call.command}"`;
  // without its arguments: some carry a client secret
  const byHand = `run it by hand, as the kubeconfig writes it: ${call.command} …`;
  switch (ended.kind) {
    case "aborted":
      signal.throwIfAborted();
      return "";
    case "not-started":
      throw notStarted(call, ended.cause);
    case "timed-out":
      throw failed(`${name} did not end within ${formatDuration(timeoutMs)}`, byHand);
    case "too-long":
      throw failed(`${name} printed more than ${MAX_OUTPUT_BYTES} bytes`, byHand);
    case "exited": {
      if (ended.code === 0) return ended.stdout;
      const said = lastLine(ended.stderr);
      throw failed(
        `${name} failed with exit status ${ended.code ?? "none"}${said === "" ? "" : `: ${said}`}`,
        byHand,
      );
    }
  }
}

async function run(call: PluginCall, signal: AbortSignal, timeoutMs: number): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(call.command, call.args, { env: call.env, stdio: ["ignore", "pipe", "pipe"] });
    const finish = (ended: Ended): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      if (ended.kind !== "exited") stop(child);
      resolve(ended);
    };
    const timer = setTimeout(() => finish({ kind: "timed-out" }), timeoutMs);
    const onAbort = (): void => finish({ kind: "aborted" });
    signal.addEventListener("abort", onAbort);
    const onExcess = (): void => finish({ kind: "too-long" });
    const stdout = collect(child.stdout, onExcess);
    const stderr = collect(child.stderr, onExcess);
    child.on("error", (cause) => finish({ kind: "not-started", cause }));
    child.on("close", (code) => finish({ kind: "exited", code, stdout: stdout(), stderr: stderr() }));
  });
}

function collect(stream: NodeJS.ReadableStream, onExcess: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_OUTPUT_BYTES) onExcess();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

/** The pipes too: a grandchild that inherited them would keep this process alive. */
function stop(child: ChildProcess): void {
  child.kill("SIGKILL");
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function notStarted(call: PluginCall, cause: Error): ClusterflowError {
  const isMissing = "code" in cause && cause.code === "ENOENT";
  const what = isMissing ? "is not installed or not in PATH" : `cannot be started (${cause.message})`;
  return new ClusterflowError(
    `the credential command "${call.command}", which the kubeconfig names, ${what}`,
    {
      code: "usage",
      hint: call.installHint ?? `install it, or check: command -v ${call.command}`,
      cause,
    },
  );
}

function failed(message: string, hint: string): ClusterflowError {
  return new ClusterflowError(message, { code: "unreachable", hint, retryable: true });
}

/** What the command said last, with everything that could be a token blotted out. */
function lastLine(stderr: string): string {
  const line = stderr.trim().split("\n").at(-1) ?? "";
  return line.replaceAll(/[\w\-.~+/=]{40,}/g, "[…]").slice(0, 300);
}
