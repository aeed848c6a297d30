import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { isRunning, processIdentity } from "./process-identity.ts";

const owner = z.object({ pid: z.int().positive(), identity: z.string() });

/** The process that a lock names. */
export type LockOwner = z.infer<typeof owner>;

/** What a machine leaves that lost its power before the words of a lock were on the disk: nobody's. */
const NOBODY: LockOwner = { pid: 0, identity: "unreadable" };

/**
 * Takes the lock at once and returns null, or says who has it. One whose owner is gone is taken
 * over. Processes that do not see each other (containers with pids of their own) do not see each other's locks.
 */
export function tryLock(path: string): LockOwner | null {
  for (;;) {
    if (take(path)) return null;
    const holder = readOwner(path);
    if (holder === null) continue;
    if (isRunning(holder)) return holder;
    breakLock(path, holder);
  }
}

export function giveBack(path: string): void {
  rmSync(path, { force: true });
}

/** A link and not an exclusive create: the lock appears with its owner written in it, never empty. */
function take(path: string): boolean {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const me: LockOwner = { pid: process.pid, identity: processIdentity(process.pid) ?? "" };
    writeFileSync(draft, JSON.stringify(me), { mode: 0o600 });
    linkSync(draft, path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw cause;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Null when it was given back just now. */
function readOwner(path: string): LockOwner | null {
  try {
    return owner.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    if (cause instanceof z.ZodError || cause instanceof SyntaxError) return NOBODY;
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  }
}

/**
 * Moved aside before it is deleted: between reading and deleting, another process may have taken the dead
 * owner's lock over, and its live one would be lost. Then it is put back.
 */
function breakLock(path: string, dead: LockOwner): void {
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
