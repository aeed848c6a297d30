import type { LogSettings } from "../config/parts.ts";

export type Level = LogSettings["level"];

const RANKS: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const MARKS: Readonly<Record<Level, string>> = { debug: "", info: "", warn: "WARN ", error: "error: " };

let settings: LogSettings = { level: "info", format: "text" };

/** How much this process says on stderr from now on, and in which form. */
export function speakAs(wanted: LogSettings): void {
  settings = wanted;
}

export function speaksJson(): boolean {
  return settings.format === "json";
}

export interface Remark {
  /** What stands before the message in format text; the level's own mark when left out. */
  readonly mark?: string;
  /** Lines below the message in format text. */
  readonly below?: readonly string[];
  /** What a program may want to know besides, in format json. */
  readonly details?: object;
}

/** The one way to stderr: everything that is no data. One document a line in format json, for log collectors. */
export function say(level: Level, message: string, remark: Remark = {}): void {
  if (RANKS[level] < RANKS[settings.level]) return;
  const text =
    settings.format === "json" ? documentOf(level, message, remark) : textOf(level, message, remark);
  process.stderr.write(text.endsWith("\n") ? text : `${text}\n`);
}

function textOf(level: Level, message: string, { mark = MARKS[level], below = [] }: Remark): string {
  return [`${mark}${message}`, ...below].join("\n");
}

function documentOf(level: Level, message: string, { details }: Remark): string {
  const line = { at: new Date().toISOString(), level, message: message.trim(), ...details };
  return JSON.stringify(line, (_, member: unknown) =>
    typeof member === "bigint" ? member.toString() : member,
  );
}
