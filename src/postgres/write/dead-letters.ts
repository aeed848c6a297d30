import type { Rejected } from "../../pipeline/judge.ts";

/** Rejected records as the JSON array that the fenced statement takes: bytes as base64, so nothing is changed. */
export function deadLetterRows(rejected: readonly Rejected[]): string {
  return JSON.stringify(
    rejected.map(({ record, stage, sqlstate, reason }) => ({
      offset: record.offset.toString(),
      key: base64(record.key),
      value: base64(record.value),
      headers: record.headers.map(([name, value]) => ({ name: storable(name), value: base64(value) })),
      timestamp: record.timestamp < 0 ? null : record.timestamp,
      stage,
      sqlstate,
      reason: storable(reason),
    })),
  );
}

function base64(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString("base64");
}

/** PostgreSQL has no NUL in text and no half surrogates; names and reasons are for reading, so they may be mended. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD").toWellFormed();
}
