import { readFile } from "node:fs/promises";
import { usageError } from "../usage-error.ts";

/** A token, a certificate or a key, wherever it lies. */
export interface Material {
  /** Trimmed text. Throws `usage` when it cannot be had. */
  read(): Promise<string>;
  /** Makes the next `read` look again; false when looking again cannot change anything. */
  forget(): boolean;
}

/** Milliseconds for which a file's content is trusted. The kubelet rotates mounted tokens; client-go waits as long. */
export const REREAD_AFTER_MS = 60_000;

export function fixedMaterial(text: string): Material {
  const trimmed = text.trim();
  return { read: () => Promise.resolve(trimmed), forget: () => false };
}

/** A file that somebody else may replace while we run. `what` names it in errors: `token file`. */
export function fileMaterial(path: string, what: string): Material {
  let cached: { readonly text: string; readonly at: number } | null = null;
  let isForgotten = false;
  return {
    async read() {
      const now = performance.now();
      if (cached !== null && !isForgotten && now - cached.at < REREAD_AFTER_MS) return cached.text;
      try {
        cached = { text: await readTrimmed(path, what), at: now };
        isForgotten = false;
      } catch (error) {
        // a rotation replaces the file in two steps; what was good a minute ago is better than an end
        if (cached === null) throw error;
      }
      return cached.text;
    },
    forget() {
      isForgotten = true;
      return true;
    },
  };
}

async function readTrimmed(path: string, what: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw usageError(`the ${what} ${path} ${fileTrouble(cause)}`, `ls -l ${path}`, cause);
  }
  if (text === "") throw usageError(`the ${what} ${path} is empty`, `ls -l ${path}`);
  return text;
}

const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EACCES: "cannot be read: permission denied",
  EISDIR: "is a directory",
  ENOTDIR: "does not exist",
};

/** Why a file could not be read, to follow its name in a sentence. */
export function fileTrouble(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return TROUBLES[code] ?? `cannot be read (${code === "" ? "unknown reason" : code})`;
}
