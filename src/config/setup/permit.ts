import { ClusterflowError } from "../../core/errors.ts";
import type { Asker } from "./asker.ts";
import type { PlannedFile } from "./plan.ts";

export interface Permission {
  /** `--yes`: the plan as it is. */
  readonly takesDefaults: boolean;
  /** `--overwrite`: files may be replaced or put aside; their old form is kept beside them. */
  readonly mayOverwrite: boolean;
}

/**
 * The plan as far as it may be carried out. Replacing needs `--overwrite`, `--yes` or a person's word, else nothing
 * is written and the error is `refused`; a stale file that may not be put aside just stays.
 */
export async function permit(
  plan: readonly PlannedFile[],
  { takesDefaults, mayOverwrite }: Permission,
  asker: Asker | null,
): Promise<readonly PlannedFile[]> {
  if (takesDefaults || mayOverwrite || plan.every(({ change }) => change === "keep")) return plan;
  const touched = plan.filter(({ change }) => change === "replace" || change === "retire");
  if (asker !== null) {
    const question =
      touched.length === 0 ? "Write this?" : "Write this? What is there is kept beside it as .bak";
    if (await asker.confirm(question, touched.length === 0)) return plan;
    throw new ClusterflowError("not wanted; nothing was written", { code: "refused" });
  }
  const replaced = plan.filter(({ change }) => change === "replace");
  if (replaced.length === 0) return plan.filter(({ change }) => change !== "retire");
  const names = replaced.map(({ path }) => path).join(" and ");
  throw new ClusterflowError(
    `${names} ${replaced.length === 1 ? "is" : "are"} there already and would change`,
    {
      code: "refused",
      hint: "look at the difference with --dry-run; --overwrite replaces and keeps the old form as .bak",
    },
  );
}
