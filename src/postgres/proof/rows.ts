import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { AnsweredRow, RowAnswer } from "../../pipeline/proof/row-tally.ts";
import type { Table } from "../../streams/define.ts";
import type { Connection } from "../connection.ts";
import { arrayLiteral, columnsOf, rowParameters } from "../write/columns.ts";
import { name, quote } from "../write/quote.ts";
import { valuesOf } from "../write/statement.ts";
import { ask, textOrNull, toBigInt } from "./ask.ts";

const TYPES = `
  SELECT a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_attribute a
   WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`;

/** Numbers of the parameters: how many rows, what is to be done with each, whether to tell all; then the columns. */
const FIRST_ROWS = 4;

export type RowQuestion = (rows: readonly JsonObject[], tells: "odd" | "all") => Promise<RowAnswer>;

/**
 * Asks a table about rows that messages make. The rows travel as they do when they are written, and PostgreSQL compares
 * them as values of the table's own types: only it knows that 1.0 and 1.00 are the same price. Null, with what is wrong,
 * where the table or a column of it is not there.
 */
export async function openRowQuestion(
  connection: Connection,
  table: Table,
): Promise<{ readonly question: RowQuestion } | { readonly missing: string }> {
  const found = await ask(connection, TYPES, [name(table.table)]);
  if (found.length === 0) return { missing: "it is not there" };
  const types = new Map(found.map((row) => [String(row["column"]), String(row["type"])]));
  const absent = Object.keys(table.columns).find((column) => !types.has(column));
  if (absent !== undefined) return { missing: `it has no column ${absent}` };
  const statement = comparison(table, types);
  const parametersOf = rowParameters({ kind: "tables", tables: [table] });
  return {
    question: async (rows, tells) => {
      const literals = parametersOf([rows]);
      const marks = table.again === "change" ? literals.at(-1) : arrayLiteral(rows.map(() => ""));
      const columns = literals.slice(0, Object.keys(table.columns).length);
      const [answer] = await ask(connection, statement, [
        rows.length,
        marks ?? "{}",
        tells === "all",
        ...columns,
      ]);
      return toAnswer(answer ?? {});
    },
  };
}

export async function countTable(connection: Connection, { table }: Table): Promise<bigint> {
  const [row] = await ask(connection, `SELECT count(*) AS n FROM ${name(table)}`);
  return toBigInt(row?.["n"] ?? 0n);
}

/**
 * A column that the message leaves as it is, says what is there. The digest is a sum over the rows: order is no matter,
 * and a row that comes twice does not vanish.
 */
function comparison(table: Table, types: ReadonlyMap<string, string>): string {
  const columns = columnsOf(table).map((column) => column.name);
  const stored = columns.map((column) => `t.${quote(column)}::text`).join(", ");
  const expected = columns
    .map(
      (column, at) =>
        `CASE substr(e."clusterflow:mark", ${at + 1}, 1) WHEN '1' THEN t.${quote(column)}::text ELSE e.${quote(column)}::text END`,
    )
    .join(", ");
  const typed = columns.map(
    (column) => `${quote(column)}::${types.get(column) ?? "text"} AS ${quote(column)}`,
  );
  const same = table.identity.map((column) => `t.${quote(column)} = e.${quote(column)}`).join(" AND ");
  const identity = table.identity.map((column) => `e.${quote(column)}::text`).join(", ");
  return `
WITH given AS MATERIALIZED (
  SELECT generate_series(0, $1::integer - 1) AS "clusterflow:at", unnest($2::text::text[]) AS "clusterflow:mark",
         ${valuesOf(table, FIRST_ROWS)}
), expected AS MATERIALIZED (
  SELECT "clusterflow:at", "clusterflow:mark", ${typed.join(", ")} FROM given
), met AS (
  SELECT DISTINCT ON (e."clusterflow:at") e."clusterflow:at" AS at, e."clusterflow:mark" = 'd' AS gone,
         count(t.tableoid) OVER (PARTITION BY e."clusterflow:at") AS times, ARRAY[${identity}] AS identity,
         ARRAY[${expected}] AS expected, CASE WHEN t.tableoid IS NULL THEN NULL ELSE ARRAY[${stored}] END AS found
    FROM expected e LEFT JOIN ${name(table.table)} t ON ${same}
   ORDER BY e."clusterflow:at"
), judged AS (
  SELECT *, CASE WHEN gone THEN times = 0 ELSE times = 1 AND found IS NOT DISTINCT FROM expected END AS same,
         ${termOf("expected")} AS expected_term, ${termOf("found")} AS found_term
    FROM met
)
SELECT count(*) FILTER (WHERE same AND NOT gone) AS same,
       coalesce(sum(expected_term) FILTER (WHERE same AND NOT gone), 0)::text AS digest,
       coalesce(jsonb_agg(CASE WHEN same
         THEN jsonb_build_object('at', at, 'same', true, 'identity', identity)
         ELSE jsonb_build_object('at', at, 'same', false, 'identity', identity, 'gone', gone, 'times', times,
                'expected', expected, 'found', found, 'expectedDigest', expected_term::text,
                'foundDigest', found_term::text) END ORDER BY at) FILTER (WHERE NOT same OR $3::boolean), '[]')::text AS rows
  FROM judged`;
}

/** The first 120 bits of a row's hash as a number: twice fifteen hexadecimal digits. */
function termOf(texts: string): string {
  const hash = `encode(sha256(convert_to(${texts}::text, 'UTF8')), 'hex')`;
  const half = (from: number): string => `('x0' || substr(${hash}, ${from}, 15))::bit(64)::bigint::numeric`;
  return `coalesce(${half(1)} * ${2n ** 60n} + ${half(16)}, 0)`;
}

function toAnswer(row: Readonly<Record<string, unknown>>): RowAnswer {
  const rows = JSON.parse(textOrNull(row["rows"]) ?? "[]") as readonly Json[];
  return {
    same: toBigInt(row["same"] ?? 0n),
    digest: toBigInt(row["digest"] ?? "0"),
    rows: rows.filter(isJsonObject).map(toAnsweredRow),
  };
}

function toAnsweredRow(row: JsonObject): AnsweredRow {
  const texts = (value: Json | undefined): readonly (string | null)[] =>
    Array.isArray(value) ? value.map((one) => (one === null ? null : String(one))) : [];
  const isDeleted = row["gone"] === true;
  return {
    at: Number(row["at"]),
    isSame: row["same"] === true,
    wants: isDeleted ? "delete" : "row",
    times: Number(row["times"] ?? 0),
    identity: texts(row["identity"]).map((text) => text ?? ""),
    expected: texts(row["expected"]),
    found: Array.isArray(row["found"]) ? texts(row["found"]) : null,
    expectedDigest: isDeleted ? 0n : toBigInt(row["expectedDigest"] ?? "0"),
    foundDigest: toBigInt(row["foundDigest"] ?? "0"),
  };
}
