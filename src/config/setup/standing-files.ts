import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { SetupMode } from "./answers.ts";

/**
 * Env files of an earlier setup, whose values count again; the last one most. An end-to-end run begins from nothing,
 * and in mode legacy a consumer's file may be of a setup before the last.
 */
export function standingFiles(mode: SetupMode, directory: string, outDir: string): readonly string[] {
  return NAMES[mode].map((name) => join(outDir, name)).filter((path) => existsSync(resolve(directory, path)));
}

const NAMES: Readonly<Record<SetupMode, readonly string[]>> = {
  legacy: [".env.hybrid-consumer", ".env.hybrid"],
  "hybrid-kafka": [".env.hybrid", ".env.hybrid-consumer"],
  e2e: [],
};
