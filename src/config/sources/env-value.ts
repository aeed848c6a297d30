import { parse } from "dotenv";

/**
 * What stands behind a name: its text, with a remark where a person should know something about it, or why it cannot
 * be had. Neither remark nor reason ever holds the text itself.
 */
export type Reading = { readonly text: string; readonly remark?: string } | { readonly trouble: string };

/**
 * Decodes what stands behind `NAME=` on one line of an env file. dotenv reads it, after the cases in which dotenv
 * would hand on something that nobody wrote (it cuts `pa#ss` at the `#`, keeps the backslash of `\"`, and drops a
 * quote that is never closed) have been refused: a password must not be shortened in silence.
 */
export function decodeValue(raw: string): Reading {
  const quote = raw[0];
  if (quote === "'") return decodeSingle(raw);
  if (quote === '"') return decodeDouble(raw);
  if (quote === "`") return { trouble: "starts with a backtick; put the value in single quotes" };
  return decodeBare(raw);
}

/** `'it'\''s'`, the only way a shell has to put a single quote between single quotes; dotenv does not know it. */
const SHELL_QUOTED = /^('[^']*'(?:\\''[^']*')+)\s*(?:#.*)?$/;

function decodeSingle(raw: string): Reading {
  const shell = SHELL_QUOTED.exec(raw)?.[1];
  if (shell !== undefined) return { text: shell.slice(1, -1).replaceAll("'\\''", "'") };
  return /^'[^']*'\s*(?:#.*)?$/.test(raw)
    ? dotenv(raw)
    : { trouble: "opens a single quote that is not closed properly" };
}

function decodeDouble(raw: string): Reading {
  const inner = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(raw)?.[1];
  if (inner === undefined) return { trouble: "opens a double quote that is not closed properly" };
  if (inner.includes('\\"')) return { trouble: 'holds \\" ; put the value in single quotes instead' };
  return expansion(inner) ?? dotenv(raw);
}

function decodeBare(raw: string): Reading {
  if (/[^\s#]#/.test(raw)) return { trouble: "holds a # outside quotes; put the value in single quotes" };
  return expansion(raw) ?? dotenv(raw);
}

function expansion(text: string): Reading | null {
  if (!/\$[{(]/.test(text)) return null;
  return {
    trouble:
      "refers to another variable, which is not replaced here; write the value, in single quotes if it is meant as it stands",
  };
}

function dotenv(raw: string): Reading {
  return { text: parse(`VALUE=${raw}`)["VALUE"] ?? "" };
}
