import type { RowEvent } from "../../pipeline/cutover/event.ts";
import type { Connection, Row } from "../connection.ts";
import { toDatabaseError } from "../errors.ts";
import { name, quote } from "../write/quote.ts";
import { eventIdOf, eventValueOf, literal } from "./row-text.ts";
import type { SourceTable } from "./source-table.ts";

export const HISTORY_PAGE = 500;
/** A page of wide rows from a cold disk. */
const DEADLINE_MS = 120_000;

export interface HistoryPage {
  readonly events: readonly RowEvent[];
  /** Texts of the last row's key; null for a page without rows. */
  readonly at: readonly string[] | null;
}

/** Keys as texts; null sets no limit. */
export interface HistoryRange {
  readonly after: readonly string[] | null;
  readonly upTo: readonly string[] | null;
}

/** The last key of a table, as texts; null for a table without rows. */
export async function lastKey(
  connection: Connection,
  source: SourceTable,
): Promise<readonly string[] | null> {
  const order = source.key.map((column) => `${quote(column)} DESC`).join(", ");
  const text = `SELECT ${keyColumns(source)} FROM ${name(source.at)} AS t ORDER BY ${order} LIMIT 1`;
  const [row] = await ask(connection, text, []);
  return row === undefined ? null : keyOf(source, row);
}

/**
 * A page of rows behind a key, up to and with another one, in the order of the primary key. Rows that the way back put
 * there are left out: they are events of the topic already, under another name.
 */
export async function readHistory(
  connection: Connection,
  stream: string,
  source: SourceTable,
  range: HistoryRange,
  limit = HISTORY_PAGE,
): Promise<HistoryPage> {
  const order = source.key.map((column) => quote(column)).join(", ");
  const parameters = [...(range.after ?? []), ...(range.upTo ?? [])];
  const conditions = [
    ...(range.after === null ? [] : [`(${order}) > (${casts(source, 1)})`]),
    ...(range.upTo === null ? [] : [`(${order}) <= (${casts(source, 1 + (range.after?.length ?? 0))})`]),
  ];
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const text = `
    SELECT ${keyColumns(source)}, ${eventIdOf(source, "t")} AS event_id, ${eventValueOf(source, "t")} AS value,
           EXISTS (SELECT FROM clusterflow_cutover.refilled AS r
                    WHERE r.stream = ${literal(stream)} AND r.row_event = ${eventIdOf(source, "t")}) AS is_back
      FROM ${name(source.at)} AS t ${where} ORDER BY ${order} LIMIT ${limit}`;
  const rows = await ask(connection, text, parameters);
  const last = rows.at(-1);
  return {
    events: rows
      .filter((row) => row["is_back"] !== true)
      .map((row) => ({ id: String(row["event_id"]), value: String(row["value"]) })),
    at: last === undefined ? null : keyOf(source, last),
  };
}

/** Rows of a table for a look at what they are like; the schema of the cut-over may be missing. */
export async function sampleRows(
  connection: Connection,
  source: SourceTable,
  limit: number,
): Promise<readonly RowEvent[]> {
  const columns = `${eventIdOf(source, "t")} AS event_id, ${eventValueOf(source, "t")} AS value`;
  const half = (way: string): string => {
    const order = source.key.map((column) => `${quote(column)} ${way}`).join(", ");
    return `(SELECT ${columns} FROM ${name(source.at)} AS t ORDER BY ${order} LIMIT ${limit})`;
  };
  const rows = await ask(connection, `${half("ASC")} UNION ALL ${half("DESC")}`, []);
  return rows.map((row) => ({ id: String(row["event_id"]), value: String(row["value"]) }));
}

function keyColumns({ key }: SourceTable): string {
  return key.map((column, at) => `t.${quote(column)}::text AS key_${at}`).join(", ");
}

function keyOf({ key }: SourceTable, row: Row): readonly string[] {
  return key.map((_, at) => String(row[`key_${at}`]));
}

/** A key travels as texts, whatever its types. */
function casts({ key, columns }: SourceTable, first: number): string {
  return key
    .map(
      (column, at) => `$${first + at}::text::${columns.find((one) => one.name === column)?.type ?? "text"}`,
    )
    .join(", ");
}

async function ask(
  connection: Connection,
  text: string,
  parameters: readonly string[],
): Promise<readonly Row[]> {
  try {
    return await connection.query(text, parameters, { deadlineMs: DEADLINE_MS });
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}
