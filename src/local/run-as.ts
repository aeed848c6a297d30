import { statSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { ClusterflowError } from "../core/errors.ts";
import { closedFolder } from "./failures.ts";
import { runTool } from "./run-tool.ts";

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom PostgreSQL runs as: null, meaning us, for everybody but root, whom it refuses. Root lends it the
 * user `nobody`, whom every Unix has, so that no account has to be made.
 */
export async function postgresUser(signal: AbortSignal): Promise<SystemUser | null> {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = await Promise.all([idOf("-u", signal), idOf("-g", signal)]);
  return { name: "nobody", uid, gid };
}

/** Refuses a folder that the user cannot get to because one above it is closed to others; those yet to be made are not. */
export function assertReachable(folder: string, user: SystemUser): void {
  for (let path = dirname(folder); ; path = dirname(path)) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && !mayEnter(stat, user)) throw closedFolder(folder, path, user.name);
    if (path === dirname(path)) return;
  }
}

function mayEnter({ mode, uid }: Stats, user: SystemUser): boolean {
  return uid === user.uid ? (mode & 0o100) !== 0 : (mode & 0o001) !== 0;
}

async function idOf(flag: "-u" | "-g", signal: AbortSignal): Promise<number> {
  const environment = { PATH: "/usr/bin:/bin" };
  const answer = await runTool("id", [flag, "nobody"], { cwd: "/", environment, signal, timeoutMs: 10_000 });
  if (answer.status === 0 && /^\d+\s*$/.test(answer.stdout)) return Number(answer.stdout);
  throw new ClusterflowError("PostgreSQL refuses to run as root, and there is no user nobody to run it as.", {
    code: "usage",
    hint: "Run the command as an ordinary user.",
  });
}
