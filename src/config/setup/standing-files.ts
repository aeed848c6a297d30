import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { SetupMode } from "./answers.ts";

/** Env files of an earlier setup, whose values are offered again. An end-to-end run begins from nothing. */
export function standingFiles(mode: SetupMode, directory: string, outDir: string): readonly string[] {
  const names = mode === "e2e" ? [] : [".env.hybrid", ".env.hybrid-consumer"];
  return names.map((name) => join(outDir, name)).filter((path) => existsSync(resolve(directory, path)));
}
