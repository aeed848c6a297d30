import { ClusterflowError } from "../../core/errors.ts";
import { assertNever } from "../../core/never.ts";
import { changeClauses } from "./change-clauses.ts";
import { columnsOf } from "./columns.ts";
import { name, quote } from "./quote.ts";
import type { Stream, Table, Target } from "../../streams/define.ts";

/** Number of the first parameter that holds rows. */
const FIRST_ROWS = 10;

/**
 * The fenced statement of a stream: one text for all its batches, so that PostgreSQL plans it once. Parameters:
 *   $1 group, $2 topic, $3 partition, $4 start, $5 end, $6 epoch, $7 records stored, $8 records dead-lettered,
 *   $9 dead letters as a JSON array, and from $10 on the rows: for a procedure one JSON array, for tables an array
 *   literal for each column of each (`columns.ts`), and for a table of changes one for what is to be done with each row.
 * With probes, $10 is how many and $11 has them as a JSON array; the rows are from $12 on.
 * Nothing is written unless the fence holds: the offset is where this batch begins and the epoch is ours.
 * DESIGN section 6; measured in sink-anchors sections 3 and 4.
 */
export function fencedStatement(stream: Stream, kind: "plain" | "with-probes" = "plain"): string {
  const [counted, probed, firstRows] =
    kind === "plain" ? ["", "", FIRST_ROWS] : [PROBES_COUNTED, PROBES_KEPT, FIRST_ROWS + 2];
  return `
WITH fence AS (
  UPDATE clusterflow.offsets
     SET next_offset = $5::bigint, stored = stored + $7::bigint, dead_lettered = dead_lettered + $8::bigint,
         ${counted}updated_at = now()
   WHERE "group" = $1 AND topic = $2 AND partition = $3 AND next_offset = $4::bigint AND epoch = $6::bigint
  RETURNING 1
), bad AS (
  INSERT INTO clusterflow.dead_letters
         ("group", topic, partition, "offset", key, value, headers, timestamp, timestamp_ms, stage, sqlstate,
          reason)
  SELECT $1, $2, $3, d."offset", decode(d.key, 'base64'), decode(d.value, 'base64'), d.headers,
         to_timestamp(d.timestamp / 1000.0), d.timestamp_ms, d.stage, d.sqlstate, d.reason
    FROM jsonb_to_recordset($9::text::jsonb) AS d
         ("offset" bigint, key text, value text, headers jsonb, timestamp numeric, timestamp_ms bigint, stage text,
          sqlstate text, reason text)
   WHERE EXISTS (SELECT FROM fence)
  ON CONFLICT ("group", topic, partition, "offset") DO NOTHING
)${probed}${writeClause(stream.target, firstRows)}`;
}

const PROBES_COUNTED = "probes = probes + $10::bigint, ";
const PROBES_KEPT = `, probed AS (
  INSERT INTO clusterflow.probes (run, n, "group", topic, partition, "offset", way, sent_at)
  SELECT p.run, p.n, $1, $2, $3, p."offset", p.way, to_timestamp(p.sent_at / 1000.0)
    FROM jsonb_to_recordset($11::text::jsonb) AS p (run uuid, n integer, "offset" bigint, way text, sent_at numeric)
   WHERE EXISTS (SELECT FROM fence)
)`;

/** Number of the first parameter that holds rows, of a statement for several partitions. */
const FIRST_ROWS_TOGETHER = 9;

/**
 * The fenced statement for batches of several partitions without dead letters: all of them or none. Parameters:
 *   $1 group, $2 topic, array literals with an element for each partition: $3 partitions, $4 starts, $5 ends, $6 epochs,
 *   $7 records stored; $8 how many partitions, and from $9 on the rows of all of them.
 * Ends in SQLSTATE UF001 when one of the fences does not hold: what the others have moved is undone with it.
 */
export function fencedTogetherStatement(tables: readonly Table[]): string {
  return `
WITH moved AS (
  UPDATE clusterflow.offsets AS o
     SET next_offset = b."end", stored = o.stored + b.stored, updated_at = now()
    FROM unnest($3::text::integer[], $4::text::bigint[], $5::text::bigint[], $6::text::bigint[], $7::text::bigint[])
         AS b (partition, start, "end", epoch, stored)
   WHERE o."group" = $1 AND o.topic = $2 AND o.partition = b.partition AND o.next_offset = b.start
     AND o.epoch = b.epoch
  RETURNING 1
), fence AS (
  SELECT 1 FROM moved HAVING clusterflow.all_hold(count(*), $8::bigint)
)${insertClauses(tables, FIRST_ROWS_TOGETHER)}
SELECT count(*)::integer AS fenced FROM fence`;
}

/** The unfenced call for the direct path, which has no offsets: identity alone makes it safe to repeat. */
export function directStatement(stream: Stream): string {
  if (stream.target.kind !== "procedure") {
    throw new ClusterflowError(`stream ${stream.name} cannot be written without Kafka`, { code: "usage" });
  }
  return `SELECT ${name(stream.target.procedure)}($1::text::jsonb, 'direct')`;
}

function writeClause(target: Target, firstRows: number): string {
  switch (target.kind) {
    case "procedure":
      // one row of the fence, one call; no row, no call
      return `\nSELECT count(*)::integer AS fenced, sum(${name(target.procedure)}($${firstRows}::text::jsonb, 'kafka')) FROM fence`;
    case "tables":
      return `${insertClauses(target.tables, firstRows)}\nSELECT count(*)::integer AS fenced FROM fence`;
    default:
      return assertNever(target);
  }
}

/** Each is the next part of a WITH whose part `fence` has one row when anything may be written. */
export function insertClauses(tables: readonly Table[], firstParameter: number): string {
  let parameter = firstParameter;
  return tables
    .map((table, index) => {
      const first = parameter;
      parameter += Object.keys(table.columns).length;
      if (table.again !== "change") return `, good_${index} AS (${insertClause(table, first)}\n)`;
      parameter += 1;
      return changeClauses({
        table,
        index,
        values: valuesOf(table, first),
        mark: parameter - 1,
        conflict: conflictClause(table),
      });
    })
    .join("");
}

function insertClause(target: Table, first: number): string {
  const columns = Object.keys(target.columns).map(quote);
  return `
  INSERT INTO ${name(target.table)} AS t (${columns.join(", ")})
  SELECT ${valuesOf(target, first)}
    FROM fence${conflictClause(target)}`;
}

/** Unnested in the list of columns and not in FROM, where all rows would first be put together once more. */
export function valuesOf(target: Table, first: number): string {
  const values = columnsOf(target).map(
    ({ name: column, type }, index) =>
      `unnest($${first + index}::text::${type.element}[])${type.cast} AS ${quote(column)}`,
  );
  return values.join(",\n         ");
}

/** Sorted by identity: writers that lock the same rows in the same order wait for each other and do not deadlock. */
function conflictClause({ columns, identity, again }: Table): string {
  if (identity.length === 0) return "";
  const same = identity.map(quote).join(", ");
  const others = Object.keys(columns).filter((column) => !identity.includes(column));
  const order = `\n   ORDER BY ${same}`;
  if (again === "keep" || others.length === 0) return `${order}\n  ON CONFLICT (${same}) DO NOTHING`;
  const replaced = others.map((column) => `${quote(column)} = excluded.${quote(column)}`);
  return `${order}\n  ON CONFLICT (${same}) DO UPDATE SET ${replaced.join(", ")}`;
}
