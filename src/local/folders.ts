import type { Environment } from "../config/env.ts";
import { homedir, tmpdir } from "node:os";
import { chmod, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Folders {
  /** Where the servers' data, logs and the state file lie. */
  readonly dataDir: string;
  /** Where downloaded and unpacked server programs lie; can be deleted at any time. */
  readonly cacheDir: string;
}

/**
 * The folders used when none is named. Root gets the system's places: below /root (mode 0700) the
 * unprivileged user as whom PostgreSQL has to run could not reach its files.
 */
export function defaultFolders(environment: Environment, uid: number): Folders {
  if (uid === 0) return { dataDir: "/var/lib/clusterflow", cacheDir: "/var/cache/clusterflow" };
  const home = environment["HOME"] ?? homedir();
  const data = absolute(environment["XDG_DATA_HOME"]) ?? join(home, ".local", "share");
  const cache = absolute(environment["XDG_CACHE_HOME"]) ?? join(home, ".cache");
  return { dataDir: join(data, "clusterflow"), cacheDir: join(cache, "clusterflow") };
}

/** A fresh folder for a stack that leaves nothing behind. */
export async function makeEphemeralFolder(prefix = "clusterflow-"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  // mkdtemp gives 0700; PostgreSQL's own user has to pass through. What is secret inside has its own mode.
  await chmod(folder, 0o711);
  return folder;
}

/** The folder of `package.json`, seen from `src/local` as well as from `dist/local`. */
export function packageRoot(): string {
  return fileURLToPath(new URL("../../", import.meta.url));
}

/** Where things lie inside a data folder. Relative names: Kafka gets them as they are, its folder being the current one. */
export const LAYOUT = {
  state: "state.json",
  lock: "lock",
  logs: "logs",
  postgres: "postgres",
  postgresUnfinished: "postgres.unfinished",
  kafkaLogging: "kafka-log4j2.yaml",
  kafka: (node: number): string => `kafka-${node}`,
  kafkaTemporary: (node: number): string => `kafka-${node}.tmp`,
  kafkaProperties: (node: number): string => `kafka-${node}.properties`,
} as const;

/** The XDG specification: a path in these variables that is not absolute is to be ignored. */
function absolute(path: string | undefined): string | null {
  return path?.startsWith("/") ? path : null;
}
