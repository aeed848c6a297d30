import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { sleep } from "../core/signal.ts";
import { accessFailure } from "./failures.ts";
import { LAYOUT } from "./folders.ts";
import { isRunning, processIdentity } from "./process-identity.ts";

const owner = z.object({ pid: z.int().positive(), identity: z.string() });
type Owner = z.infer<typeof owner>;

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
    rmSync(path, { force: true });
  }
}

async function acquire(path: string, dataDir: string, tell: Tell, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let told = false; !take(path); told = true) {
    const holder = readOwner(path);
    if (holder !== null && !isRunning(holder)) {
      breakLock(path, holder);
      continue;
    }
    if (!told) tell({ kind: "waiting", for: dataDir, reason: heldBy(holder) });
    await sleep(100, signal);
    signal.throwIfAborted();
    if (Date.now() > deadline) throw tooLong(dataDir, holder);
  }
}

/** A link and not an exclusive create: the lock appears with its owner written in it, never empty. */
function take(path: string): boolean {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const me: Owner = { pid: process.pid, identity: processIdentity(process.pid) ?? "" };
    writeFileSync(draft, JSON.stringify(me), { mode: 0o600 });
    linkSync(draft, path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw accessFailure(dirname(path), cause);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readOwner(path: string): Owner | null {
  try {
    return owner.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null; // given back just now
  }
}

/**
 * Moved aside before it is deleted: between reading and deleting, another process may have taken the dead
 * owner's lock over, and its live one would be lost. Then it is put back.
 */
function breakLock(path: string, dead: Owner): void {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    renameSync(path, aside);
    if (readOwner(aside)?.identity !== dead.identity) linkSync(aside, path);
  } catch {
    // somebody else was faster; the next round sees what they left
  } finally {
    rmSync(aside, { force: true });
  }
}

function heldBy(holder: Owner | null): string {
  const who = holder === null ? "" : ` (pid ${holder.pid})`;
  return `another clusterflow local command${who} is at work there`;
}

function tooLong(dataDir: string, holder: Owner | null): ClusterflowError {
  return new ClusterflowError(`${dataDir} is still locked after 15 minutes: ${heldBy(holder)}.`, {
    code: "timeout",
    hint: holder === null ? `rm ${join(dataDir, LAYOUT.lock)}` : `Look at it with: ps -fp ${holder.pid}`,
  });
}
