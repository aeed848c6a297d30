import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { accessFailure } from "./failures.ts";
import { LAYOUT } from "./folders.ts";

/**
 * Deletes what a stack has put into its folder, then the folder when nothing else is left in it. Never the
 * folder with whatever is there: people name folders by mistake. The state file goes last, so that a second
 * attempt finds what the first could not delete.
 */
export async function removeData(dataDir: string): Promise<void> {
  await emptyFolder(dataDir);
  await rm(join(dataDir, LAYOUT.lock), { force: true });
  await rmdir(dataDir).catch(() => undefined);
}

/** The same, but leaves the folder itself and the lock in it. */
export async function emptyFolder(dataDir: string): Promise<void> {
  try {
    const names = (await readdir(dataDir)).filter(isOurs);
    for (const name of names) await rm(join(dataDir, name), { recursive: true, force: true });
    await rm(join(dataDir, LAYOUT.state), { force: true });
  } catch (cause) {
    throw accessFailure(dataDir, cause);
  }
}

function isOurs(name: string): boolean {
  const fixed: readonly string[] = [
    LAYOUT.logs,
    LAYOUT.postgres,
    LAYOUT.postgresUnfinished,
    LAYOUT.kafkaLogging,
    `${LAYOUT.state}.new`,
  ];
  return fixed.includes(name) || /^kafka-\d+(\.properties|\.tmp)?$/.test(name);
}
