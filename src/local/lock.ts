import { join } from "node:path";
import { ClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { sleep } from "../core/signal.ts";
import { giveBack, tryLock, type LockOwner } from "../machine/lock-file.ts";
import { accessFailure } from "./failures.ts";
import { LAYOUT } from "./folders.ts";

/** Longer than a cold start takes, with Kafka's download over a slow line. */
const PATIENCE_MS = 15 * 60_000;

/**
 * Lets one command at a time change a data folder; a second one waits until the first is done, and then
 * finds what that one left. A lock whose owner is gone is taken over.
 */
export async function withLock<Result>(
  dataDir: string,
  tell: Tell,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const path = join(dataDir, LAYOUT.lock);
  await acquire(path, dataDir, tell, signal);
  try {
    return await work();
  } finally {
    giveBack(path);
  }
}

async function acquire(path: string, dataDir: string, tell: Tell, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let told = false; ; told = true) {
    const holder = holderOf(path, dataDir);
    if (holder === null) return;
    if (!told) tell({ kind: "waiting", for: dataDir, reason: heldBy(holder) });
    await sleep(100, signal);
    signal.throwIfAborted();
    if (Date.now() > deadline) throw tooLong(dataDir, holder);
  }
}

function holderOf(path: string, dataDir: string): LockOwner | null {
  try {
    return tryLock(path);
  } catch (cause) {
    throw accessFailure(dataDir, cause);
  }
}

function heldBy(holder: LockOwner): string {
  return `another clusterflow local command (pid ${holder.pid}) is at work there`;
}

function tooLong(dataDir: string, holder: LockOwner): ClusterflowError {
  return new ClusterflowError(`${dataDir} is still locked after 15 minutes: ${heldBy(holder)}.`, {
    code: "timeout",
    hint: `Look at it with: ps -fp ${holder.pid}`,
  });
}
