import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { sleep } from "../core/signal.ts";
import type { ClusterflowError } from "../core/errors.ts";
import { cannotRun, diedAtStart, diskFull, notReady, portTaken } from "./failures.ts";
import { holderOf, isFree } from "./ports.ts";
import { processIdentity } from "../machine/process-identity.ts";
import type { SystemUser } from "./run-as.ts";
import { lastLines, openLog, sizeOf } from "./server-log.ts";
import type { StackServer } from "./stack-servers.ts";
import type { ServerRecord } from "./state.ts";

/** Everything needed to start one server. */
export interface Launch extends StackServer {
  /** Name and version. */
  readonly title: string;
  readonly version: string;
  readonly log: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly user: SystemUser | null;
  /** What to do when its port was taken in the meantime. */
  readonly portHint: string;
  /** Brings its data into the form it expects; does nothing when they have it. */
  prepare(signal: AbortSignal): Promise<void>;
  /** Last words after which another try may succeed. */
  readonly passing: RegExp | null;
  /** Null when it serves. */
  whyNotReady(): Promise<string | null>;
}

/** Recovery after a crash may take PostgreSQL minutes, and says so all the while. */
const PATIENCE_MS = 180_000;
const RETRY_FOR_MS = 10_000;

/**
 * Starts a server as a process of its own that outlives this one, and waits until it has answered. `record`
 * is called as soon as it has a pid, and again when it is ready, so that whatever happens in between, its
 * process is known to the next command.
 */
export async function launchServer(
  launch: Launch,
  record: (server: ServerRecord) => void,
  signal: AbortSignal,
): Promise<void> {
  await launch.prepare(signal);
  if (!(await isFree(launch.port))) throw taken(launch);
  const begun = performance.now();
  for (;;) {
    const logFrom = sizeOf(launch.log);
    const server = await spawnDetached(launch);
    record(server.record);
    const death = await waitUntilReady(launch, server.death, signal);
    if (death === null) {
      record({ ...server.record, readyAfterMs: Math.round(performance.now() - begun) });
      return;
    }
    const words = lastLines(launch.log, SEARCHED_LINES, Math.min(logFrom, sizeOf(launch.log)));
    const mayPass =
      launch.passing?.test(words.join("\n")) === true && performance.now() - begun < RETRY_FOR_MS;
    if (!mayPass) throw explain(launch, death, words);
    await sleep(250, signal);
    signal.throwIfAborted();
  }
}

/** Waits for the first answer: null when it came, otherwise how the process ended. Throws when it takes too long. */
export async function waitUntilReady(
  server: Pick<Launch, "title" | "log" | "whyNotReady">,
  death: () => string | null,
  signal: AbortSignal,
): Promise<string | null> {
  const deadline = performance.now() + PATIENCE_MS;
  // Less and less often: PostgreSQL writes a line to its log for each time it has to say "not yet".
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.3, 250)) {
    const reason = await server.whyNotReady();
    const end = death();
    if (end !== null) return end;
    if (reason === null) return null;
    signal.throwIfAborted();
    if (performance.now() > deadline) throw notReady(server.title, PATIENCE_MS / 1000, reason, server.log);
    await sleep(pauseMs, signal);
  }
}

/** Kafka writes some two hundred lines while it stops, after the one that says why. */
const SEARCHED_LINES = 1_000;
const SHOWN_LINES = 12;

interface Spawned {
  readonly record: ServerRecord;
  /** How it ended; null while it runs. */
  readonly death: () => string | null;
}

async function spawnDetached(launch: Launch): Promise<Spawned> {
  const log = openLog(launch.log);
  let death: string | null = null;
  try {
    const child = spawn(launch.file, launch.args, {
      cwd: launch.cwd,
      env: launch.environment,
      stdio: ["ignore", log, log],
      detached: true,
      ...(launch.user === null ? {} : { uid: launch.user.uid, gid: launch.user.gid }),
    });
    child.once("exit", (status, by) => (death = by === null ? `exit status ${status ?? 0}` : by));
    await once(child, "spawn");
    child.unref();
    return { record: recordOf(launch, child.pid ?? 0), death: () => death };
  } catch (cause) {
    throw cannotRun(launch.title, launch.file, cause);
  } finally {
    closeSync(log);
  }
}

function recordOf(launch: Launch, pid: number): ServerRecord {
  return {
    name: launch.name,
    kind: launch.kind,
    pid,
    // Null only when it has ended already, and then nothing is ever to be killed for this record.
    identity: processIdentity(pid) ?? "",
    port: launch.port,
    version: launch.version,
    log: launch.log,
    startedAt: new Date().toISOString(),
    readyAfterMs: null,
  };
}

function explain(launch: Launch, death: string, words: readonly string[]): ClusterflowError {
  const text = words.join("\n");
  if (/No space left on device|ENOSPC/.test(text)) return diskFull(launch.cwd);
  if (/Address already in use|EADDRINUSE/.test(text)) return taken(launch);
  const telling = words
    .filter((word) => / (ERROR|FATAL)\b|^FATAL|Exception/.test(word))
    .slice(0, SHOWN_LINES);
  return diedAtStart(
    launch.title,
    death,
    launch.log,
    telling.length > 0 ? telling : words.slice(-SHOWN_LINES),
  );
}

function taken(launch: Launch): ClusterflowError {
  return portTaken(launch.port, launch.title, holderOf(launch.port, launch.title), launch.portHint);
}
