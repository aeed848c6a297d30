import { CHANGE, type Table } from "../../streams/define.ts";
import { name, quote } from "./quote.ts";

interface ChangesOf {
  readonly table: Table;
  readonly index: number;
  /** The columns as the parameters have them. */
  readonly values: string;
  /** Number of the parameter that says what is to be done with each row. */
  readonly mark: number;
  readonly conflict: string;
}

/**
 * Deletes, empties and upserts in one statement. Its parts do not see each other's work, and a row that two of them touch
 * is undefined: each row has one change (`pipeline/change-sheet.ts`), and what is to be there afterwards is left out of
 * the emptying. A column that stays is read from the table as it was before.
 */
export function changeClauses({ table, index, values, mark, conflict }: ChangesOf): string {
  const [relation, changes, what] = [name(table.table), `change_${index}`, quote(CHANGE)];
  const columns = Object.keys(table.columns);
  const same = (one: string): string =>
    table.identity.map((column) => `${one}.${quote(column)} = c.${quote(column)}`).join(" AND ");
  const kept = columns.map((column, at) => keptOf(quote(column), table.identity.includes(column), at + 1));
  return `, ${changes} AS MATERIALIZED (
  SELECT ${values},
         unnest($${mark}::text::text[]) AS ${what}
    FROM fence
), gone_${index} AS (
  DELETE FROM ${relation} AS t USING ${changes} AS c WHERE c.${what} = 'd' AND ${same("t")}
), emptied_${index} AS (
  DELETE FROM ${relation} AS t
   WHERE EXISTS (SELECT FROM ${changes} WHERE ${what} = 't') AND NOT EXISTS (SELECT FROM ${changes} AS c WHERE ${same("t")})
), good_${index} AS (
  INSERT INTO ${relation} AS t (${columns.map(quote).join(", ")})
  SELECT ${kept.join(",\n         ")}
    FROM ${changes} AS c LEFT JOIN ${relation} AS o ON ${same("o")}
   WHERE c.${what} NOT IN ('d', 't')${conflict}
)`;

  function keptOf(column: string, isKey: boolean, at: number): string {
    if (isKey) return `c.${column}`;
    return `CASE substr(c.${what}, ${at}, 1) WHEN '1' THEN o.${column} ELSE c.${column} END AS ${column}`;
  }
}
