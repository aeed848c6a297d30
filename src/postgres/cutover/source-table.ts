import { ClusterflowError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import type { Connection } from "../connection.ts";
import { codeOf, databaseName, toDatabaseError } from "../errors.ts";
import { name } from "../write/quote.ts";

/** A column of the table that moves. */
export interface SourceColumn {
  readonly name: string;
  readonly type: string;
  readonly isNeeded: boolean;
  /** The expression that gives its value where nobody else does; null for none. */
  readonly otherwise: string | null;
  /** GENERATED ALWAYS AS IDENTITY: a value is only taken when one insists. */
  readonly isInsisted: boolean;
}

export interface SourceTable {
  /** As the application calls it. */
  readonly table: readonly [schema: string, table: string];
  /** As it is called now. */
  readonly at: readonly [schema: string, table: string];
  /** Without those that the table computes. */
  readonly columns: readonly SourceColumn[];
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
  readonly timeZone: string;
}

/** Types of keys whose text is the same whoever asks. */
const KEY_TYPES = /^(smallint|integer|bigint|uuid|text|character varying(\(\d+\))?)$/;
const NO_ZONE = /^timestamp(\(\d\))? without time zone$/;
/** What a name grows by when the table is renamed, and what PostgreSQL lets a name have. */
export const SUFFIX = "_before_cutover";
const MAX_NAME_BYTES = 63;

const LOOK = `
  SELECT c.relkind::text AS kind, c.relispartition OR EXISTS (
           SELECT FROM pg_inherits i WHERE i.inhparent = c.oid OR i.inhrelid = c.oid) AS "isFamily",
         pg_has_role(c.relowner, 'USAGE') AS "isOwn",
         has_database_privilege(current_database(), 'CREATE')
           OR to_regclass('clusterflow_cutover.cutovers') IS NOT NULL AS "mayCreate",
         c.relrowsecurity OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid) AS "hasRules",
         (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                   'isNeeded', a.attnotnull,
                   'otherwise', CASE WHEN a.attidentity <> ''
                     THEN format('nextval(%L::regclass)', pg_get_serial_sequence(c.oid::regclass::text, a.attname))
                     ELSE pg_get_expr(d.adbin, d.adrelid) END,
                   'isInsisted', a.attidentity = 'a') ORDER BY a.attnum), '[]')
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')::text AS columns,
         (SELECT coalesce(jsonb_agg(a.attname ORDER BY k.place), '[]')
            FROM pg_index i, unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, place), pg_attribute a
           WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.attnum)::text AS key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2`;

/** Throws `usage` or `refused`, with the reason, when it is a table that cannot be moved. */
export async function lookAtSource(
  connection: Connection,
  table: SourceTable["table"],
  timeZone: string,
  at = table,
): Promise<SourceTable> {
  try {
    await checkZone(connection, timeZone);
    const [row] = await connection.query(LOOK, at);
    if (row === undefined) throw noTable(connection, at);
    const columns = JSON.parse(String(row["columns"])) as readonly SourceColumn[];
    const key = JSON.parse(String(row["key"])) as readonly string[];
    const flaw = flawOf(row, columns, key, table);
    if (flaw !== null) throw refused(`${table.join(".")} ${flaw}`);
    return { table, at, columns, key, timeZone };
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}

function flawOf(
  row: Readonly<Record<string, unknown>>,
  columns: readonly SourceColumn[],
  key: readonly string[],
  [, table]: SourceTable["table"],
): string | null {
  if (row["kind"] !== "r") return "is no ordinary table";
  if (row["isFamily"] === true) return "has partitions or heirs, whose rows could get past the triggers";
  if (row["hasRules"] === true) return "has rules or row security, which could hide rows";
  if (row["isOwn"] !== true)
    return "belongs to another user: only its owner can put triggers on it and rename it";
  if (row["mayCreate"] !== true) return "is in a database in which this user may not create a schema";
  if (key.length === 0) return "has no primary key, so its rows have no name";
  const odd = columns.find((column) => key.includes(column.name) && !KEY_TYPES.test(column.type));
  if (odd !== undefined) return `has ${odd.type} in its primary key; wanted are whole numbers, text or uuid`;
  if (Buffer.byteLength(table + SUFFIX) > MAX_NAME_BYTES)
    return `has a name too long to become ${table}${SUFFIX}`;
  return null;
}

async function checkZone(connection: Connection, timeZone: string): Promise<void> {
  try {
    await connection.query("SELECT now() AT TIME ZONE $1", [timeZone]);
  } catch (error) {
    if (codeOf(error) !== "22023") throw error;
    throw new ClusterflowError(`--time-zone ${printable(timeZone)} is none that PostgreSQL knows`, {
      code: "usage",
      hint: "write it as UTC or Europe/Berlin",
      cause: error,
    });
  }
}

/** Columns with times that say nothing of their zone. */
export function timesWithoutZone({ columns }: SourceTable): readonly string[] {
  return columns.filter(({ type }) => NO_ZONE.test(type)).map((column) => column.name);
}

/** The table as it is called after the switch. */
export function keptName({ table: [schema, table] }: Pick<SourceTable, "table">): SourceTable["table"] {
  return [schema, table + SUFFIX];
}

/** Whether there is any relation of the name. */
export async function isThere(connection: Connection, table: SourceTable["table"]): Promise<boolean> {
  const [row] = await connection.query("SELECT to_regclass($1) IS NOT NULL AS there", [name(table)]);
  return row?.["there"] === true;
}

function noTable({ settings }: Connection, table: SourceTable["table"]): ClusterflowError {
  return new ClusterflowError(`${databaseName(settings)}: there is no table ${table.join(".")}`, {
    code: "usage",
    hint: "name it with --table SCHEMA.TABLE, and its database with SOURCE_DATABASE_URL",
  });
}

function refused(sentence: string): ClusterflowError {
  return new ClusterflowError(sentence, {
    code: "refused",
    hint: "nothing was changed; mend the table, or move another one with --table SCHEMA.TABLE",
  });
}
