import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { KNOWN_NAMES, settingOf } from "../catalogue.ts";
import { UNUSED_NAMES } from "../foreign-names.ts";
import type { Findings } from "../findings.ts";
import { fileTrouble } from "./file-trouble.ts";
import { nearestName } from "./nearest.ts";

/** One `NAME=value` of an env file. The value is still as written: whoever may not read it never decodes it. */
export interface EnvLine {
  readonly name: string;
  readonly raw: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface EnvFile {
  /** As the person named it. */
  readonly path: string;
  readonly isReadable: boolean;
  /** Those that are settings of clusterflow. */
  readonly lines: readonly EnvLine[];
}

/**
 * Reads an env file; `path` is relative to `directory`. Whatever is wrong with it, and every line that is not a
 * setting clusterflow knows, becomes a problem. Takes `KEY=value` and `export KEY=value`, one a line.
 */
export function readEnvFile(directory: string, path: string, findings: Findings): EnvFile {
  const text = readText(resolve(directory, path), path, findings);
  if (text === null) return { path, isReadable: false, lines: [] };
  const lines = scanLines(text, path, findings);
  for (const line of lines) checkName(line, path, findings);
  checkMode(directory, path, lines, findings);
  return { path, isReadable: true, lines: lines.filter((line) => KNOWN_NAMES.has(line.name)) };
}

const NAME_ANOTHER = "name another one with -f FILE; clusterflow setup writes them";

function readText(file: string, path: string, findings: Findings): string | null {
  try {
    const bytes = readFileSync(file);
    if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString("utf8");
    findings.unreadable(`env file ${path} is not UTF-8 text`, NAME_ANOTHER);
  } catch (error) {
    findings.unreadable(`env file ${path} ${fileTrouble(error)}`, NAME_ANOTHER);
  }
  return null;
}

const ASSIGNMENT = /^(?:export\s+)?([\w.-]+)\s*=\s*(.*)$/s;

/** One line at a time, so that a quote left open cannot swallow the settings below it. */
function scanLines(text: string, path: string, findings: Findings): EnvLine[] {
  const found: EnvLine[] = [];
  for (const [index, whole] of text.split("\n").entries()) {
    const trimmed = whole.trim(); // takes the CR of a CRLF and a byte order mark along
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const [, name, raw] = ASSIGNMENT.exec(trimmed) ?? [];
    if (name === undefined || raw === undefined) {
      findings.problem(`${path}:${index + 1} is neither KEY=value nor export KEY=value`);
    } else if (/^[^'"]*export\s+\w+=/.test(raw)) {
      findings.problem(`${path}:${index + 1} holds two settings; break the line before the second "export"`);
    } else found.push({ name, raw, line: index + 1 });
  }
  return found;
}

function checkName({ name, line }: EnvLine, path: string, findings: Findings): void {
  if (KNOWN_NAMES.has(name)) return;
  if (UNUSED_NAMES.has(name)) {
    findings.notice(`${name} in ${path}:${line} is not used by clusterflow`);
    return;
  }
  const nearest = nearestName(name);
  const advice = nearest === null ? "remove the line" : `did you mean ${nearest}?`;
  findings.problem(`${name} in ${path}:${line} is not a setting of clusterflow; ${advice}`);
}

function checkMode(directory: string, path: string, lines: readonly EnvLine[], findings: Findings): void {
  if (!lines.some(holdsSecret)) return;
  const { mode } = statSync(resolve(directory, path));
  if ((mode & 0o077) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  findings.notice(`${path} holds a secret and has mode ${octal}, so others can read it: chmod 600 ${path}`);
}

function holdsSecret({ name, raw }: EnvLine): boolean {
  const known = KNOWN_NAMES.get(name);
  return known !== undefined && !known.file && settingOf(known.id).secret === true && raw !== "";
}
