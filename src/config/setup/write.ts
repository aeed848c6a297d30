import { randomUUID } from "node:crypto";
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { ClusterflowError } from "../../core/errors.ts";
import { fileTrouble } from "../sources/file-trouble.ts";
import type { PlannedFile } from "./plan.ts";

export interface WrittenFile {
  readonly path: string;
  readonly change: PlannedFile["change"];
  /** Where the file that was there before lies now; null when there was none or it is unchanged. */
  readonly backup: string | null;
}

/**
 * Carries a plan out: every text goes into a file of its own beside its place first, and only when all of them are
 * down is any put into its place, so a full disk or a missing right leaves everything as it was. Mode 0600.
 */
export function writePlan(plan: readonly PlannedFile[]): readonly WrittenFile[] {
  const temporaries = new Map<PlannedFile, string>();
  try {
    for (const file of plan.filter(({ change }) => change === "create" || change === "replace")) {
      mkdirSync(dirname(file.absolute), { recursive: true });
      const temporary = `${file.absolute}.new-${randomUUID()}`;
      writeFileSync(temporary, file.text ?? "", { mode: 0o600, flag: "wx", flush: true });
      temporaries.set(file, temporary);
    }
    return plan.map((file) => settle(file, temporaries.get(file) ?? null));
  } catch (error) {
    throw new ClusterflowError(`the env files cannot be written: ${placeOf(error)} ${fileTrouble(error)}`, {
      code: "usage",
      hint: "name a folder you may write to with --out-dir",
      cause: error,
    });
  } finally {
    for (const temporary of temporaries.values()) rmSync(temporary, { force: true });
  }
}

function settle(file: PlannedFile, temporary: string | null): WrittenFile {
  const { path, absolute, change } = file;
  if (change === "keep") {
    chmodSync(absolute, 0o600);
    return { path, change, backup: null };
  }
  const backup = change === "create" ? null : keepCopy(file);
  if (temporary === null) rmSync(absolute);
  else renameSync(temporary, absolute);
  return { path, change, backup };
}

/** `.bak`, or `.bak.2` and so on: a copy that was kept before is never written over. */
function keepCopy({ path, absolute }: PlannedFile): string {
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? ".bak" : `.bak.${count}`;
    if (existsSync(absolute + suffix) && !isSame(absolute, absolute + suffix)) continue;
    rmSync(absolute + suffix, { force: true });
    copyFileSync(absolute, absolute + suffix, constants.COPYFILE_EXCL);
    chmodSync(absolute + suffix, 0o600);
    return path + suffix;
  }
}

function isSame(one: string, other: string): boolean {
  return readFileSync(one).equals(readFileSync(other));
}

function placeOf(error: unknown): string {
  return error instanceof Error && "path" in error && typeof error.path === "string"
    ? error.path
    : "the folder";
}
