import type { JsonObject } from "../core/json.ts";
import type { Stream } from "../streams/define.ts";
import type { RawRecord } from "./ports.ts";
import { probeOf, type Probe } from "./probe.ts";
import { sheetsFor, type Gathering } from "./sheet.ts";

/** A record that cannot be stored, and why. */
export interface Rejected {
  readonly record: RawRecord;
  /** `decode`: the stream refused it; `write`: PostgreSQL did. */
  readonly stage: "decode" | "write";
  readonly sqlstate: string | null;
  readonly reason: string;
}

export interface ProbeRecord extends Probe {
  readonly record: RawRecord;
}

export interface Judged {
  /** The rows for each table of the stream, or for its procedure alone. */
  readonly sheets: readonly (readonly JsonObject[])[];
  readonly rejected: readonly Rejected[];
  /** Records that are no part of the stream: they only have to come through. */
  readonly probes: readonly ProbeRecord[];
  /** Records whose rows are in `sheets`. */
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
  const sheets = sheetsFor(stream.target);
  const rejected: Rejected[] = [];
  const probes: ProbeRecord[] = [];
  let taken = 0;
  for (let unpacked = 0; taken < records.length && unpacked < MAX_UNPACKED_BYTES; taken += 1) {
    const record = records[taken];
    if (record === undefined) break;
    const probe = record.headers.length === 0 ? null : probeOf(record);
    if (probe !== null) {
      probes.push({ ...probe, record });
      continue;
    }
    const decoded = stream.decode(record);
    if (decoded.kind === "rejected") {
      rejected.push({ record, stage: "decode", sqlstate: null, reason: decoded.reason });
    } else if (decoded.kind === "tables") {
      for (const [table, rows] of decoded.tables.entries()) fill(sheets[table], rows);
    } else {
      fill(sheets[0], decoded.rows);
      unpacked += decoded.bytes ?? 0;
    }
  }
  const accepted = taken - rejected.length - probes.length;
  return { sheets: sheets.map((sheet) => sheet.rows), rejected, probes, accepted, taken };
}

function fill(sheet: Gathering | undefined, rows: readonly JsonObject[]): void {
  if (sheet === undefined) throw new RangeError("a stream that has rows for more tables than it names");
  for (const row of rows) sheet.add(row);
}
