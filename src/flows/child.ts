import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ClusterflowError, type ErrorCode } from "../core/errors.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/clusterflow.js", import.meta.url));
/** Milliseconds between asking a child to stop and ending it; its own drain takes ten seconds at most. */
const PATIENCE_MS = 15_000;

export interface ChildRun {
  /** Arguments after `clusterflow`; the output form is added. */
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Every line the child says on stderr. */
  readonly onLine: (line: string) => void;
}

/**
 * Runs another clusterflow as a child and resolves with its JSON document. Rejects with the child's own error. The
 * signal stops it as a person would; it never outlives this call.
 */
export async function runChild({ words, environment, signal, onLine }: ChildRun): Promise<JsonObject> {
  const child = spawn(process.execPath, ["--", PROGRAM, ...words, "--output", "json"], {
    env: { ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): void => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS).unref();
  };
  signal.addEventListener("abort", stop);
  try {
    const [document, status] = await Promise.all([
      collectText(child.stdout),
      new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve)),
      forEachLine(child.stderr, onLine),
    ]);
    signal.throwIfAborted();
    return judged(words, document, status);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function collectText(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function forEachLine(stream: AsyncIterable<Buffer>, onLine: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  }
  if (rest !== "") onLine(rest);
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  2: "usage",
  3: "unreachable",
  4: "wrong",
  5: "partial",
  6: "refused",
  8: "timeout",
};

function judged(words: readonly string[], text: string, status: number | null): JsonObject {
  const parsed: unknown = text.trim() === "" ? {} : JSON.parse(text);
  const document = isJsonObject(parsed) ? parsed : {};
  if (status === 0) return document;
  const error = isJsonObject(document["error"]) ? document["error"] : {};
  const { message, suggestion } = error;
  const why = typeof message === "string" ? message : `it ended with status ${String(status)}`;
  const hint = typeof suggestion === "string" ? { hint: suggestion } : {};
  const code = BY_STATUS[status ?? 1] ?? "unexpected";
  throw new ClusterflowError(`clusterflow ${words[0] ?? ""}: ${why}`, { code, ...hint });
}
