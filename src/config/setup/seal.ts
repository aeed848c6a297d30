import { createHash } from "node:crypto";

const SEALED = /^# .* Written by clusterflow setup, seal ([0-9a-f]{16})\.$/;

/** A file that a later setup can tell from one that a person has edited: its first line has a digest of the others. */
export function seal(title: string, body: string): string {
  return `# ${title} Written by clusterflow setup, seal ${digestOf(body)}.\n${body}`;
}

/** Whether a file is, to the last character, as a setup wrote it. */
export function isSealed(text: string): boolean {
  const end = text.indexOf("\n") + 1;
  return SEALED.exec(text.slice(0, end).trimEnd())?.[1] === digestOf(text.slice(end));
}

/** Whether a line is the first one of a setup's file. */
export function isSealLine(line: string): boolean {
  return SEALED.test(line);
}

function digestOf(body: string): string {
  return createHash("sha256").update(body).digest("hex").slice(0, 16);
}
