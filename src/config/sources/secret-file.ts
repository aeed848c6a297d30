import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Reading } from "./env-value.ts";
import { exposureOf } from "./exposure.ts";
import { fileTrouble } from "./file-trouble.ts";

/**
 * Reads a secret from a file, without the one line break that editors and `echo` leave at its end. More than one
 * may belong to the secret and stays.
 */
export function readSecretFile(directory: string, path: string): Reading {
  try {
    const file = resolve(directory, path);
    const text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    if (text === "") return { trouble: `names ${path}, which is empty` };
    const exposure = exposureOf(file);
    return exposure === null ? { text } : { text, remark: `names ${path}, which ${exposure}` };
  } catch (error) {
    return { trouble: `names ${path}, which ${fileTrouble(error)}` };
  }
}
