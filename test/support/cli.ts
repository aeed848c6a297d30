import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { DatabaseSettings } from "../../src/config/parts.ts";

const PROGRAM = resolve(import.meta.dirname, "../../bin/clusterflow.js");

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly nodeArguments?: readonly string[];
}

/** The built command as a process of its own, with nothing of this process's environment but PATH and HOME. */
export function startCli(words: readonly string[], options: CliOptions = {}): ChildProcess {
  const { PATH = "", HOME = "" } = process.env;
  return spawn(process.execPath, [...(options.nodeArguments ?? []), "--", PROGRAM, ...words], {
    env: { PATH, HOME, ...options.env },
    cwd: options.cwd ?? tmpdir(),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs it to its end. */
export async function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return endOf(startCli(words, options));
}

/** How a process that was just started ends. */
export async function endOf(child: ChildProcess): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}

/** A folder that is gone at the end of the block. */
export async function temporaryFolder(): Promise<
  { readonly path: string; write(name: string, text: string): Promise<string> } & AsyncDisposable
> {
  const path = await mkdtemp(join(tmpdir(), "clusterflow-test-"));
  return {
    path,
    async write(name, text) {
      const file = join(path, name);
      await writeFile(file, text, { mode: 0o600 });
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Settings as the environment gives them. */
export function databaseEnvironment({
  host,
  port,
  database,
  user,
  password,
}: DatabaseSettings): Record<string, string> {
  return {
    DATABASE_HOST: host,
    DATABASE_PORT: String(port),
    DATABASE_NAME: database,
    DATABASE_USER: user,
    DATABASE_PASSWORD: password ?? "",
    DATABASE_SSLMODE: "disable",
  };
}

export function kafkaEnvironment(brokers: readonly string[], topic: string): Record<string, string> {
  return { KAFKA_ENABLED: "true", KAFKA_BROKERS: brokers.join(","), KAFKA_TOPIC: topic };
}
