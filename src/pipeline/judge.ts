import type { JsonObject } from "../core/json.ts";
import type { Stream } from "../streams/define.ts";
import type { RawRecord } from "./ports.ts";

/** A record that cannot be stored, and why. */
export interface Rejected {
  readonly record: RawRecord;
  /** `decode`: the stream refused it; `write`: PostgreSQL did. */
  readonly stage: "decode" | "write";
  readonly sqlstate: string | null;
  readonly reason: string;
}

export interface Judged {
  readonly rows: readonly JsonObject[];
  readonly rejected: readonly Rejected[];
  /** Records whose rows are in `rows`. */
  readonly accepted: number;
}

/** Sorts records into rows to store and rejections to keep, by the stream's own decoding. */
export function judge(stream: Stream, records: readonly RawRecord[]): Judged {
  const rows: JsonObject[] = [];
  const rejected: Rejected[] = [];
  for (const record of records) {
    const decoded = stream.decode(record);
    if (decoded.kind === "rows") rows.push(...decoded.rows);
    else rejected.push({ record, stage: "decode", sqlstate: null, reason: decoded.reason });
  }
  return { rows, rejected, accepted: records.length - rejected.length };
}
