import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { rmSync } from "node:fs";
import { ClusterflowError } from "../../src/core/errors.ts";
import type { SettingsInput } from "../../src/config/sources/layers.ts";

/** A fresh folder with the given files in it, mode 0600; it goes away with the test. */
export function makeFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "clusterflow-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  return folder;
}

/** Input of a loader: nothing given but what the test names. */
export function makeInput(
  given: Partial<SettingsInput> & { readonly files?: Readonly<Record<string, string>> } = {},
): SettingsInput {
  const { files, ...input } = given;
  return { flags: {}, environment: {}, envFiles: [], directory: makeFolder(files), ...input };
}

/** The error that a call throws; the test fails when it throws none, or another kind. */
export function thrownBy(call: () => unknown): ClusterflowError {
  try {
    call();
  } catch (error) {
    if (error instanceof ClusterflowError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
