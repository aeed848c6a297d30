import type { Rejected } from "../../pipeline/judge.ts";
import type { Header } from "../../pipeline/ports.ts";

/** Rejected records as the JSON array that the fenced statement takes: bytes as base64, so nothing is changed. */
export function deadLetterRows(rejected: readonly Rejected[]): string {
  return JSON.stringify(
    rejected.map(({ record, stage, sqlstate, reason }) => ({
      offset: record.offset.toString(),
      key: base64(record.key),
      value: base64(record.value),
      headers: record.headers.map(headerRow),
      timestamp: isStorable(record.timestamp) ? record.timestamp : null,
      timestamp_ms: record.timestamp.toString(),
      stage,
      sqlstate,
      reason: storable(reason),
    })),
  );
}

/** The end of PostgreSQL's `timestamptz`, in the year 294276. */
const LAST_TIMESTAMP_MS = 9_224_318_015_999_999n;

/** Whether a record's time is one that PostgreSQL has. */
export function isStorable(timestamp: number | bigint): timestamp is number {
  return timestamp >= 0 && timestamp <= LAST_TIMESTAMP_MS && typeof timestamp === "number";
}

/** `nameBytes` only where `name` is not the whole truth: text in PostgreSQL has neither NUL nor bytes that are no UTF-8. */
function headerRow([name, value]: Header): object {
  const text = storable(typeof name === "string" ? name : name.toString("utf8"));
  if (text === name) return { name, value: base64(value) };
  return { name: text, nameBytes: base64(Buffer.from(name)), value: base64(value) };
}

function base64(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString("base64");
}

/** PostgreSQL has no NUL in text and no half surrogates; names and reasons are for reading, so they may be mended. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD").toWellFormed();
}
