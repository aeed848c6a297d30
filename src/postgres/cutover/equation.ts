import type { Table } from "../../streams/define.ts";
import type { Connection, Row } from "../connection.ts";
import { toDatabaseError } from "../errors.ts";
import { name, quote } from "../write/quote.ts";
import { eventIdOf, literal } from "./row-text.ts";
import type { SourceTable } from "./source-table.ts";

/** How many events, and the sum of what their names hash to: one more, one less or another one changes it. */
export interface Tally {
  readonly events: bigint;
  readonly digest: string;
}

/** One hash for both sides, which may be servers of different versions. */
const hashOf = (id: string): string =>
  `('x' || substr(encode(sha256(convert_to(${id}, 'UTF8')), 'hex'), 1, 15))::bit(60)::bigint::numeric`;
/** A large table is read from its one end to the other. */
const DEADLINE_MS = 600_000;

export interface SourceTally extends Tally {
  readonly rows: bigint;
  /** Rows whose trigger has run and that nobody has sent. */
  readonly waiting: bigint;
}

/**
 * What has been sent of a table: its rows, but for those that wait in the outbox, and those that came from the topic. One
 * statement, so all of it is seen at one moment, however many writers there are.
 */
export async function tallySource(
  connection: Connection,
  stream: string,
  source: SourceTable,
): Promise<SourceTally> {
  const text = `
    WITH ids AS (SELECT ${eventIdOf(source, "t")} AS id FROM ${name(source.at)} AS t),
         sent AS (
           SELECT id FROM ids
            WHERE NOT EXISTS (SELECT FROM clusterflow_cutover.outbox AS o
                               WHERE o.stream = ${literal(stream)} AND o.event_id = ids.id)
              AND NOT EXISTS (SELECT FROM clusterflow_cutover.refilled AS r
                               WHERE r.stream = ${literal(stream)} AND r.row_event = ids.id))
    SELECT (SELECT count(*) FROM ids) AS rows, count(*) AS events, coalesce(sum(${hashOf("id")}), 0)::text AS digest,
           (SELECT count(*) FROM clusterflow_cutover.outbox AS o WHERE o.stream = ${literal(stream)}) AS waiting
      FROM sent`;
  const row = await ask(connection, text, []);
  return { ...tallyOf(row), rows: BigInt(String(row["rows"])), waiting: BigInt(String(row["waiting"])) };
}

/** What is stored of it where the events go. */
export async function tallyTarget(connection: Connection, table: Table, prefix: string): Promise<Tally> {
  const id = quote(table.identity[0] ?? "");
  const text = `
    SELECT count(*) AS events, coalesce(sum(${hashOf(id)}), 0)::text AS digest
      FROM ${name(table.table)} WHERE starts_with(${id}, $1)`;
  return tallyOf(await ask(connection, text, [prefix]));
}

/** Which of some events are not stored. */
export async function absentOf(
  connection: Connection,
  table: Table,
  ids: readonly string[],
): Promise<readonly string[]> {
  const text = `
    SELECT coalesce(jsonb_agg(e.id), '[]')::text AS absent
      FROM jsonb_array_elements_text($1::text::jsonb) AS e (id)
     WHERE NOT EXISTS (SELECT FROM ${name(table.table)} AS t WHERE t.${quote(table.identity[0] ?? "")} = e.id)`;
  const row = await ask(connection, text, [JSON.stringify(ids)]);
  return JSON.parse(String(row["absent"])) as readonly string[];
}

function tallyOf(row: Row): Tally {
  return { events: BigInt(String(row["events"])), digest: String(row["digest"]) };
}

async function ask(connection: Connection, text: string, parameters: readonly string[]): Promise<Row> {
  try {
    const [row] = await connection.query(text, parameters, { deadlineMs: DEADLINE_MS });
    return row ?? {};
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}
