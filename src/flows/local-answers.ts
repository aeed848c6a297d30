import type { Environment } from "../config/env.ts";
import type { LocalAnswers } from "../config/setup/answers.ts";
import type { Tell } from "../core/report.ts";
import { defaultFolders } from "../local/folders.ts";
import { defaultStackOptions, parseClusterSpec } from "../local/stack-options.ts";
import { stackStatus } from "../local/stack-status.ts";
import { startStack } from "../local/start-stack.ts";
import { readState, type StackState } from "../local/state.ts";

export interface LocalStackRef {
  readonly environment: Environment;
  /** Null for the usual folder. */
  readonly dataDir: string | null;
}

/** The addresses of a local stack whose PostgreSQL and Kafka answer now; null when there is none. */
export async function findLocalStack({ environment, dataDir }: LocalStackRef): Promise<LocalAnswers | null> {
  const folder = dataDir ?? defaultFolders(environment, process.getuid?.() ?? -1).dataDir;
  // a folder that is not ours or cannot be read holds no stack that could be meant; starting one would say why
  const status = await stackStatus(folder).catch(() => null);
  const state = status === null ? null : readState(folder);
  if (status === null || state === null) return null;
  const isUp = (isMeant: (name: string) => boolean): boolean =>
    status.servers.filter(({ name }) => isMeant(name)).every(({ up }) => up);
  if (!isUp((name) => name !== "cluster")) return null;
  return answersOf({ ...state, clusterUrl: isUp((name) => name === "cluster") ? state.clusterUrl : null });
}

export interface LocalStackStart extends LocalStackRef {
  /** `synthetic:N`; null takes the simulated cluster that the stack had, if it had one. */
  readonly cluster: string | null;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/** Starts what does not run of the local stack; it goes on after this process. */
export async function startLocalStack(start: LocalStackStart): Promise<LocalAnswers> {
  const { environment, dataDir, cluster, tell, signal } = start;
  const usual = defaultStackOptions(environment);
  const options = {
    ...usual,
    dataDir: dataDir ?? usual.dataDir,
    cluster: cluster === null ? null : parseClusterSpec(cluster),
    signal,
  };
  return answersOf(await startStack(options, tell));
}

function answersOf({ brokers, database, clusterUrl }: StackState): LocalAnswers {
  const { host, port, user, password } = database;
  return { brokers, database: { host, port, database: database.database, user, password }, clusterUrl };
}
