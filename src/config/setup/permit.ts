import { ClusterflowError } from "../../core/errors.ts";
import type { Asker } from "./asker.ts";
import type { PlannedFile } from "./plan.ts";

export interface Permission {
  /** `--yes`: new files, and those that a setup wrote itself. */
  readonly takesDefaults: boolean;
  /** `--overwrite`: files may be replaced or put aside; their old form is kept beside them. */
  readonly mayOverwrite: boolean;
  /** The same setup as a command, to be typed with `--overwrite`. */
  readonly command: string;
}

/**
 * The plan as far as it may be carried out. Replacing what a setup wrote needs `--yes`, replacing what a person has
 * edited `--overwrite`, or either a person's word; else nothing is written. A stale file that may not be put aside
 * just stays.
 */
export async function permit(
  plan: readonly PlannedFile[],
  permission: Permission,
  asker: Asker | null,
): Promise<readonly PlannedFile[]> {
  const { takesDefaults, mayOverwrite } = permission;
  const touched = plan.filter(({ change }) => change === "replace" || change === "retire");
  const open = mayOverwrite ? [] : touched.filter(({ isEdited }) => isEdited || !takesDefaults);
  const isDecided = takesDefaults || mayOverwrite || plan.every(({ change }) => change === "keep");
  if (isDecided && open.length === 0) return plan;
  if (asker !== null) {
    const question =
      touched.length === 0 ? "Write this?" : "Write this? What is there is kept beside it as .bak";
    if (await asker.confirm(question, touched.length === 0)) return plan;
    throw new ClusterflowError("not wanted; nothing was written", { code: "refused" });
  }
  const replaced = open.filter(({ change }) => change === "replace");
  if (replaced.length === 0) return plan.filter((file) => !open.includes(file));
  throw notReplaced(replaced, permission);
}

function notReplaced(
  replaced: readonly PlannedFile[],
  { takesDefaults, command }: Permission,
): ClusterflowError {
  const names = replaced.map(({ path }) => path).join(" and ");
  return new ClusterflowError(
    `${names} would change, and ${takesDefaults ? "was edited by hand" : "nobody said that it may"}; nothing was written`,
    { code: "usage", hint: `${command} --overwrite` },
  );
}
