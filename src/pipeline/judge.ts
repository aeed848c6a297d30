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
  /** Records that were looked at: the first so many. */
  readonly taken: number;
}

/**
 * What packed records may unpack to before the rest of a batch has to wait. Batches are cut by what their records have
 * as bytes, and 14 MB of JSON may come in 14 KB: the rows of one batch could become a text that V8 cannot hold.
 */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;

/**
 * Sorts records into rows to store and rejections to keep, by the stream's own decoding: all of them, or as many as
 * memory allows, at least one.
 */
export function judge(stream: Stream, records: readonly RawRecord[]): Judged {
  const rows: JsonObject[] = [];
  const rejected: Rejected[] = [];
  let taken = 0;
  for (let unpacked = 0; taken < records.length && unpacked < MAX_UNPACKED_BYTES; taken += 1) {
    const record = records[taken];
    if (record === undefined) break;
    const decoded = stream.decode(record);
    if (decoded.kind === "rows") {
      for (const row of decoded.rows) rows.push(row);
      unpacked += decoded.bytes ?? 0;
    } else rejected.push({ record, stage: "decode", sqlstate: null, reason: decoded.reason });
  }
  return { rows, rejected, accepted: taken - rejected.length, taken };
}
