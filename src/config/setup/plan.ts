import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { ClusterflowError } from "../../core/errors.ts";
import { KNOWN_NAMES } from "../catalogue.ts";
import { MASK, withoutUserinfo } from "../mask.ts";
import { fileTrouble } from "../sources/file-trouble.ts";
import { isSealed, isSealLine } from "./seal.ts";
import { isSecret, renderFile, type SetupFile } from "./files.ts";

/**
 * What becomes of one file. `retire`: it belongs to another setup and would be read by mistake, so it is put aside
 * under another name.
 */
export interface PlannedFile {
  /** As the person named the folder. */
  readonly path: string;
  readonly absolute: string;
  readonly change: "create" | "keep" | "replace" | "retire";
  /** What is there is not what a setup wrote: a person's work, not to be replaced without a word. */
  readonly isEdited: boolean;
  /** Null for `retire`. */
  readonly text: string | null;
  /** What differs from the file that is there, secrets masked. */
  readonly difference: readonly string[];
}

/** Compares the files of a setup with what lies in the folder. Writes nothing. Throws `usage` for an unfit folder. */
export function planFiles(
  directory: string,
  outDir: string,
  files: readonly SetupFile[],
): readonly PlannedFile[] {
  checkFolder(resolve(directory, outDir), outDir);
  const planned = files.map((file) => planFile(directory, outDir, file));
  const isLegacy = files.every(({ name }) => name === ".env.hybrid");
  return isLegacy ? [...planned, ...staleConsumer(directory, outDir)] : planned;
}

function planFile(directory: string, outDir: string, file: SetupFile): PlannedFile {
  const path = join(outDir, file.name);
  const absolute = resolve(directory, path);
  const text = renderFile(file);
  const existing = readExisting(absolute, path);
  if (existing === null) return { path, absolute, change: "create", isEdited: false, text, difference: [] };
  if (existing === text) return { path, absolute, change: "keep", isEdited: false, text, difference: [] };
  const isEdited = !isSealed(existing);
  return { path, absolute, change: "replace", isEdited, text, difference: differenceOf(existing, text) };
}

/** The replaced system's promise: a consumer's file exists only where there is something to consume. */
function staleConsumer(directory: string, outDir: string): readonly PlannedFile[] {
  const path = join(outDir, ".env.hybrid-consumer");
  const absolute = resolve(directory, path);
  const existing = readExisting(absolute, path);
  if (existing === null) return [];
  return [{ path, absolute, change: "retire", isEdited: !isSealed(existing), text: null, difference: [] }];
}

function checkFolder(absolute: string, outDir: string): void {
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (found === undefined || found.isDirectory()) return;
  throw new ClusterflowError(`${outDir} is there and is not a directory`, {
    code: "usage",
    hint: "name another --out-dir",
  });
}

function readExisting(absolute: string, path: string): string | null {
  try {
    return readFileSync(absolute, "utf8");
  } catch (error) {
    const trouble = fileTrouble(error);
    if (trouble === "does not exist") return null;
    throw new ClusterflowError(`${path} ${trouble}`, {
      code: "usage",
      hint: "name another --out-dir",
      cause: error,
    });
  }
}

function differenceOf(before: string, after: string): string[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const gone = old.filter((line) => !fresh.includes(line)).map((line) => `- ${maskLine(line)}`);
  const come = fresh.filter((line) => !old.includes(line)).map((line) => `+ ${maskLine(line)}`);
  return gone.length + come.length === 0 ? ["  (order or blank lines)"] : [...gone, ...come];
}

function linesOf(text: string): string[] {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !isSealLine(line));
}

/** A setting that was put out of use shows like one in use; any other words may hold a secret. */
function maskComment(line: string): string {
  const masked = maskLine(line.replace(/^#+\s*/, ""));
  return `# ${masked}`;
}

/** Only values that are known to be no secret show; a line of unknown make may hold anything. */
export function maskLine(line: string): string {
  if (line.startsWith("#")) return maskComment(line);
  const [, head, name, value] = /^((?:export\s+)?([\w.-]+)\s*=\s*)(.*)$/.exec(line) ?? [];
  if (head === undefined || name === undefined || value === undefined) return MASK;
  const isOpen = KNOWN_NAMES.has(name) && !isSecret(name);
  return `${head}${isOpen ? withoutUserinfo(value) : MASK}`;
}
