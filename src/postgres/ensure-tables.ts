import { ClusterflowError } from "../core/errors.ts";
import type { Stream, Table } from "../streams/define.ts";
import type { Connection } from "./connection.ts";
import { databaseName, toDatabaseError } from "./errors.ts";

/** Among our advisory locks (see `migrate.ts`): two processes that start together make a table once. */
const LOCK = 7_203_919_041;

/** A column that is there, as PostgreSQL describes it. */
interface Found {
  readonly name: string;
  readonly type: string;
  /** It takes no NULL and has no default: a row without it is refused. */
  readonly isNeeded: boolean;
  /** It computes its value by itself. */
  readonly isGenerated: boolean;
}

interface Shape {
  /** `r` and `p` are tables. */
  readonly kind: string;
  /** It is the view that `migrate` made for a table of the shop, where nobody had the name yet. */
  readonly isOurs: boolean;
  readonly columns: readonly Found[];
  /** The columns of each unique index that could stand for an identity. */
  readonly unique: readonly string[];
}

/**
 * Makes the tables of declared streams that are not there, and compares those that are; nothing is ever altered or
 * dropped. Returns the tables that were made. Throws `usage`, with the SQL that would help, when one does not fit.
 */
export async function ensureTables(
  connection: Connection,
  streams: readonly Stream[],
): Promise<readonly string[]> {
  const tables = streams.flatMap(({ target }) => (target.kind === "tables" ? target.tables : []));
  try {
    const missing = await missingOf(connection, tables);
    if (missing.length > 0) await connection.script(creation(missing));
    const flaws: string[] = [];
    for (const table of tables) flaws.push(...flawsOf(table, await shapeOf(connection, table)));
    if (flaws.length > 0) throw unfit(connection, flaws);
    return missing.map(({ table }) => `table ${table.join(".")}`);
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}

async function missingOf(connection: Connection, tables: readonly Table[]): Promise<readonly Table[]> {
  const missing: Table[] = [];
  for (const table of tables) if ((await shapeOf(connection, table)) === null) missing.push(table);
  return missing;
}

function creation(tables: readonly Table[]): string {
  const made = tables.map(({ table, columns, identity }) => {
    const lines = Object.entries(columns).map(([name, type]) => `${quote(name)} ${type}`);
    const key = `PRIMARY KEY (${identity.map(quote).join(", ")})`;
    const schema = table[0] === "public" ? "" : `CREATE SCHEMA IF NOT EXISTS ${quote(table[0])};\n`;
    return `${schema}CREATE TABLE IF NOT EXISTS ${nameOf(table)} (${[...lines, key].join(", ")});`;
  });
  return [`SELECT pg_advisory_xact_lock(${LOCK});`, ...made].join("\n");
}

const SHAPE = `
  SELECT c.relkind::text AS kind,
         coalesce(c.relkind = 'v' AND n.nspname = 'public'
                  AND right(pg_get_viewdef(c.oid), length(c.relname) + 13) = 'FROM mykart.' || c.relname || ';',
                  false) AS "isOurs",
         (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                   'isNeeded', a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
                   'isGenerated', a.attgenerated <> '' OR a.attidentity = 'a') ORDER BY a.attnum), '[]')
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text AS columns,
         (SELECT coalesce(jsonb_agg((SELECT string_agg(a.attname, ',' ORDER BY a.attname COLLATE "C")
                                       FROM pg_attribute a
                                      WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))), '[]')
            FROM pg_index i
           WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
             AND i.indpred IS NULL AND i.indexprs IS NULL)::text AS "unique"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2`;

/** Null for a table that is not there. */
async function shapeOf(connection: Connection, { table }: Table): Promise<Shape | null> {
  const [row] = await connection.query(SHAPE, table);
  if (row === undefined) return null;
  return {
    kind: String(row["kind"]),
    isOurs: row["isOurs"] === true,
    columns: JSON.parse(String(row["columns"])) as readonly Found[],
    unique: JSON.parse(String(row["unique"])) as readonly string[],
  };
}

function flawsOf(table: Table, shape: Shape | null): readonly string[] {
  const name = nameOf(table.table);
  if (shape === null) return [`${name} is not there any more`];
  if (shape.isOurs)
    return [
      `${name} is clusterflow's view of mykart.${table.table[1]}, for those who want it: DROP VIEW ${name};`,
    ];
  if (shape.kind !== "r" && shape.kind !== "p")
    return [`${name} is there and is no table: declare another name`];
  const declared = Object.entries(table.columns).flatMap(([column, type]) =>
    columnFlaws(name, column, type.replace(/^pg_catalog\./, ""), shape),
  );
  const needed = shape.columns
    .filter((column) => column.isNeeded && table.columns[column.name] === undefined)
    .map(
      ({ name: column }) =>
        `${name} wants a value for ${quote(column)}, which the stream does not have: ALTER TABLE ${name} ALTER ${quote(column)} DROP NOT NULL;`,
    );
  return [...declared, ...needed, ...identityFlaws(name, table, shape)];
}

function columnFlaws(table: string, column: string, type: string, { columns }: Shape): readonly string[] {
  const found = columns.find(({ name }) => name === column);
  if (found === undefined)
    return [`${table} has no column ${quote(column)}: ALTER TABLE ${table} ADD ${quote(column)} ${type};`];
  if (found.isGenerated)
    return [`${table} computes its column ${quote(column)} by itself: leave it out of the declaration`];
  if (found.type === type) return [];
  return [
    `${table} has column ${quote(column)} as ${found.type} and not ${type}: ALTER TABLE ${table} ALTER ${quote(column)} TYPE ${type};`,
  ];
}

function identityFlaws(name: string, { identity }: Table, { unique }: Shape): readonly string[] {
  const columns = identity.toSorted().join(",");
  if (unique.includes(columns)) return [];
  const list = identity.map(quote).join(", ");
  return [
    `${name} has no unique constraint on (${list}), by which a message that comes twice is known: ALTER TABLE ${name} ADD UNIQUE (${list});`,
  ];
}

function unfit({ settings }: Connection, flaws: readonly string[]): ClusterflowError {
  const [only] = flaws;
  const what = flaws.length === 1 ? ` ${only ?? ""}` : ["", ...flaws.map((flaw) => `  - ${flaw}`)].join("\n");
  return new ClusterflowError(`${databaseName(settings)}: tables do not fit their streams:${what}`, {
    code: "usage",
    hint: "run the SQL of each line where you agree, or change the declaration; no table of yours is altered for you",
  });
}

function nameOf([schema, table]: Table["table"]): string {
  return `${quote(schema)}.${quote(table)}`;
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
