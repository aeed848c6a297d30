import type { Tell } from "../core/report.ts";
import { endServer } from "./end-server.ts";
import { withLock } from "./lock.ts";
import { removeData } from "./remove-data.ts";
import { readStateFile, writeStateFile } from "./state.ts";

export interface StoppedStack {
  /** Names of the servers that ran and do not any more. */
  readonly stopped: readonly string[];
  /** Whether the data were deleted too. */
  readonly removed: boolean;
}

const silent: Tell = () => undefined;

/**
 * Ends the servers that `startStack` recorded, and no other process. Deletes the data of an ephemeral stack.
 * Null when the folder holds no stack.
 */
export async function stopStack(dataDir: string, tell: Tell = silent): Promise<StoppedStack | null> {
  return end(dataDir, tell, (ephemeral) => ephemeral);
}

/** Ends the servers and deletes their data. Null when the folder holds no stack. */
export async function resetStack(dataDir: string, tell: Tell = silent): Promise<StoppedStack | null> {
  return end(dataDir, tell, () => true);
}

async function end(
  dataDir: string,
  tell: Tell,
  isRemoved: (ephemeral: boolean) => boolean,
): Promise<StoppedStack | null> {
  if (readStateFile(dataDir) === null) return null;
  return withLock(dataDir, tell, new AbortController().signal, () => endLocked(dataDir, isRemoved));
}

async function endLocked(
  dataDir: string,
  isRemoved: (ephemeral: boolean) => boolean,
): Promise<StoppedStack | null> {
  const file = readStateFile(dataDir);
  if (file === null) return null;
  const outcomes = await Promise.allSettled(
    file.servers.map(async (server) => ((await endServer(server)) ? server.name : null)),
  );
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const stopped = outcomes.flatMap((outcome) =>
    outcome.status === "fulfilled" ? (outcome.value ?? []) : [],
  );
  const removed = isRemoved(file.ephemeral);
  if (removed) await removeData(dataDir);
  else writeStateFile(dataDir, { ...file, servers: [] });
  return { stopped, removed };
}
