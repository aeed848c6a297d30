import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ClusterflowError } from "../core/errors.ts";
import { accessFailure, cannotRun, diskFull, otherMajorVersion, toolFailed } from "./failures.ts";
import { LAYOUT } from "./folders.ts";
import { processIdentity } from "../machine/process-identity.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import type { SystemUser } from "./run-as.ts";
import { assertReachable } from "./run-as.ts";
import { runTool } from "./run-tool.ts";
import { DEVELOPMENT, HOST } from "./state.ts";

export interface PostgresPlan {
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly user: SystemUser | null;
  readonly superuserPassword: string;
  readonly durable: boolean;
}

const INIT_TIMEOUT_MS = 120_000;

/** Nothing of ours goes into a server's environment; messages in English, for they are read by `launch-server.ts`. */
export const POSTGRES_ENVIRONMENT = { LC_ALL: "C", PATH: "/usr/bin:/bin" } as const;

/** What stays in postgresql.conf, where people may change it. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  // No socket file: it would lie in a folder that all local stacks share.
  unix_socket_directories: "",
  // For the relay, which reads changes from the write-ahead log.
  wal_level: "logical",
  max_wal_senders: "20",
  max_replication_slots: "20",
  max_connections: "200",
  timezone: "UTC",
  log_timezone: "UTC",
};

/** Makes sure that the data folder holds a database system of this major version, with the development database in it. */
export async function preparePostgres(plan: PostgresPlan, signal: AbortSignal): Promise<void> {
  const folder = join(plan.dataDir, LAYOUT.postgres);
  if (plan.user !== null) assertReachable(plan.binaries.folder, plan.user);
  if (!existsSync(folder)) await initialise(plan, folder, signal);
  const wanted = plan.binaries.version.split(".")[0] ?? "";
  const found = readFileSync(join(folder, "PG_VERSION"), "utf8").trim();
  if (found !== wanted) throw otherMajorVersion(folder, found, wanted);
  clearStalePid(folder);
}

/** Arguments of the server itself. */
export function postgresArguments(dataDir: string, port: number, durable: boolean): readonly string[] {
  // What the system's cache holds survives kill -9 of the server, so this loses nothing but to a power cut;
  // synchronous_commit=off would lose commits that were acknowledged, and tests kill servers.
  const quick = durable ? [] : ["fsync=off", "full_page_writes=off"];
  return ["-D", join(dataDir, LAYOUT.postgres), "-p", String(port), ...quick.flatMap((each) => ["-c", each])];
}

/** Under another name first, so that a half made database system is never taken for a whole one. */
async function initialise(plan: PostgresPlan, folder: string, signal: AbortSignal): Promise<void> {
  const unfinished = join(plan.dataDir, LAYOUT.postgresUnfinished);
  try {
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { mode: 0o700 });
    if (plan.user !== null) chownSync(unfinished, plan.user.uid, plan.user.gid);
  } catch (cause) {
    throw accessFailure(unfinished, cause);
  }
  await run(plan, "initdb", initdbArguments(plan, unfinished), "", signal);
  // Single-user mode: no server has to listen with its passwords not set yet.
  const single = ["--single", "-D", unfinished, "-c", "exit_on_error=on", "postgres"];
  await run(plan, "postgres", single, roles(plan), signal);
  renameSync(unfinished, folder);
}

function initdbArguments(plan: PostgresPlan, folder: string): readonly string[] {
  return [
    ["-D", folder, "--username=postgres", "--encoding=UTF8"],
    // PostgreSQL's own C.UTF-8: the same order on every system, whatever locales that has.
    ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    // `reject` on the socket, which is off anyway: with a password method on both, initdb wants a password file.
    ["--auth-local=reject", "--auth-host=scram-sha-256"],
    plan.durable ? [] : ["--no-sync"],
    Object.entries(SETTINGS).flatMap(([name, value]) => ["--set", `${name}=${value}`]),
  ].flat();
}

/**
 * REPLICATION lets the development user make logical replication slots, which the relay needs; CREATEDB a database
 * beside the one that is made here, for whoever finds other tables in that.
 */
function roles({ superuserPassword }: PostgresPlan): string {
  const { user, password, database } = DEVELOPMENT;
  return [
    `ALTER ROLE postgres PASSWORD '${superuserPassword}';`,
    `CREATE ROLE ${user} LOGIN CREATEDB REPLICATION PASSWORD '${password}';`,
    `CREATE DATABASE ${database} OWNER ${user};`,
    "",
  ].join("\n");
}

async function run(
  plan: PostgresPlan,
  program: "initdb" | "postgres",
  args: readonly string[],
  input: string,
  signal: AbortSignal,
): Promise<void> {
  const file = join(plan.binaries.folder, "bin", program);
  const call = { cwd: plan.dataDir, environment: POSTGRES_ENVIRONMENT, signal, timeoutMs: INIT_TIMEOUT_MS };
  const answer = await runTool(file, args, { ...call, user: plan.user, input }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw cannotRun(`PostgreSQL ${plan.binaries.version}`, file, cause);
  });
  if (answer.status === 0) return;
  const lines = answer.stderr.trimEnd().split("\n").slice(-8);
  if (/No space left on device/.test(answer.stderr)) throw diskFull(plan.dataDir);
  throw toolFailed(`PostgreSQL's ${program}`, answer.status, lines);
}

/**
 * After a crash the server itself removes its pid file, unless some other process of the same user has that
 * pid by now, which is common after a restart of the machine: then it would refuse to start.
 */
function clearStalePid(folder: string): void {
  const path = join(folder, "postmaster.pid");
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, "utf8").split("\n")[0]);
  if (processIdentity(pid) === null) return;
  const { stdout } = spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  if (!stdout.includes(folder)) {
    rmSync(path);
    return;
  }
  throw new ClusterflowError(
    `A PostgreSQL server that this stack did not record (pid ${pid}) uses ${folder}.`,
    {
      code: "usage",
      hint: `End it: kill -INT ${pid}`,
    },
  );
}
