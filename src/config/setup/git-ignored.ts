import { spawnSync } from "node:child_process";
import { dirname } from "node:path";

/**
 * Which of the files git would take into a commit. Empty outside a repository and where there is no git: then there
 * is nothing to warn of.
 */
export function commitable(files: readonly string[]): readonly string[] {
  return files.filter((file) => {
    // 0: ignored; 1: not ignored, or tracked already; 128: no repository
    const asked = spawnSync("git", ["check-ignore", "--quiet", file], { cwd: dirname(file), timeout: 5000 });
    return asked.status === 1;
  });
}
