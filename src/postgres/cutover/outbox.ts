import type { RowEvent } from "../../pipeline/cutover/event.ts";
import type { Connection } from "../connection.ts";
import { toDatabaseError } from "../errors.ts";

export interface WaitingRow extends RowEvent {
  readonly seq: bigint;
}

export const OUTBOX_PAGE = 500;

/**
 * Rows are taken as they lie there and deleted one by one when they are safely down. Nothing is remembered of where one
 * was, so a row that a long transaction puts before those that are gone already is not passed over: it is simply there
 * when it commits. And no old transaction of somebody else holds anything up.
 */
const READ = `
  SELECT seq, event_id, value FROM clusterflow_cutover.outbox WHERE stream = $1 ORDER BY seq LIMIT ${OUTBOX_PAGE}`;

const LAST = `
  SELECT coalesce(max(seq), 0) AS seq FROM clusterflow_cutover.outbox WHERE stream = $1`;

const DELETE = `
  DELETE FROM clusterflow_cutover.outbox
   WHERE stream = $1 AND seq IN (SELECT seq::bigint FROM jsonb_array_elements_text($2::text::jsonb) AS s (seq))`;

/** The place of the row that came last; 0 where none waits. */
export async function lastWaiting(connection: Connection, stream: string): Promise<bigint> {
  try {
    const [row] = await connection.query(LAST, [stream]);
    return BigInt(String(row?.["seq"]));
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}

export async function readOutbox(connection: Connection, stream: string): Promise<readonly WaitingRow[]> {
  try {
    const rows = await connection.query(READ, [stream]);
    return rows.map((row) => ({
      seq: BigInt(String(row["seq"])),
      id: String(row["event_id"]),
      value: String(row["value"]),
    }));
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}

export async function clearOutbox(
  connection: Connection,
  stream: string,
  rows: readonly WaitingRow[],
): Promise<void> {
  try {
    await connection.query(DELETE, [stream, JSON.stringify(rows.map(({ seq }) => seq.toString()))]);
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}
