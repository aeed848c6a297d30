import type { OutgoingMessage } from "../../streams/define.ts";

/** A message as the spool keeps it. The spool has sums of its own: what is read is what was written. */
export function encodeEntry({ key, value, headers }: OutgoingMessage): Buffer {
  return Buffer.from(JSON.stringify([key, value, headers]));
}

export function decodeEntry(entry: Buffer): OutgoingMessage {
  const [key, value, headers] = JSON.parse(entry.toString("utf8")) as [
    string,
    string,
    Readonly<Record<string, string>>,
  ];
  return { key, value, headers };
}
