import { say } from "./log.ts";

/** Data: what a script would read. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Everything else: progress and notices. */
export function remark(text: string): void {
  say("info", text);
}

let hasDocument = false;

/** Whether a document went out: a second one would make the first unreadable. */
export function isDocumentPrinted(): boolean {
  return hasDocument;
}

export function printJson(value: unknown): void {
  hasDocument = true;
  print(
    JSON.stringify(
      value,
      (_, member: unknown) => (typeof member === "bigint" ? member.toString() : member),
      2,
    ),
  );
}
