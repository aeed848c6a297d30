import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Reading } from "./env-value.ts";
import { fileTrouble } from "./file-trouble.ts";

/**
 * Reads a secret from a file, without the one line break that editors and `echo` leave at its end. More than one
 * may belong to the secret and stays.
 */
export function readSecretFile(directory: string, path: string): Reading {
  try {
    const text = readFileSync(resolve(directory, path), "utf8").replace(/\r?\n$/, "");
    return text === "" ? { trouble: `names ${path}, which is empty` } : { text };
  } catch (error) {
    return { trouble: `names ${path}, which ${fileTrouble(error)}` };
  }
}
