import { chmodSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { accessFailure } from "./failures.ts";

/**
 * Makes a folder and those above it; returns the ones that it made, the outermost first. One by one: Node's own
 * `recursive` never returns where the system says ENOENT although the folder above is there, as below /proc.
 */
export function makeFolder(folder: string): readonly string[] {
  const missing: string[] = [];
  for (let path = folder; !isThere(path); path = dirname(path)) missing.unshift(path);
  return missing.filter(make);
}

/** The folder of a stack. */
export function prepareFolder(dataDir: string): readonly string[] {
  try {
    const made = makeFolder(dataDir);
    // Made just now, under whatever umask: PostgreSQL's own user has to pass through.
    if (made.length > 0) chmodSync(dataDir, 0o755);
    return made;
  } catch (cause) {
    throw accessFailure(dataDir, cause);
  }
}

/** Removes what `makeFolder` made, as far as nobody has put anything into it. */
export function removeMadeFolders(made: readonly string[]): void {
  try {
    for (const folder of made.toReversed()) rmdirSync(folder);
  } catch {
    // it holds something by now, and so do all above it
  }
}

function isThere(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isDirectory()) return stat !== undefined;
  throw Object.assign(new Error(`${path} is not a directory`), { code: "ENOTDIR" });
}

/** False when somebody else has made it meanwhile. */
function make(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (cause) {
    if (isThere(folder)) return false;
    throw cause;
  }
}
