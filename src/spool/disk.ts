import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

/** Puts the names in a folder on the disk: a synced file whose name is lost is lost. */
export async function syncFolder(dir: string): Promise<void> {
  await using folder = await open(dir, "r");
  await folder.sync();
}

/** Makes the folder, and those above it, for this user only. One by one: see `makeFolder` of the local stack. */
export async function makePrivateFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : null;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(dir) === dir) throw cause;
    await makePrivateFolder(dirname(dir));
    await mkdir(dir, { mode: 0o700 });
  }
  await syncFolder(dirname(dir));
}
