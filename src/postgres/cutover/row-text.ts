import { quote } from "../write/quote.ts";
import { timesWithoutZone, type SourceTable } from "./source-table.ts";

/** A text in SQL; for scripts, which take no parameters. It means the same whatever `standard_conforming_strings` is. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** What the names of all events of a table begin with. */
export function eventPrefix({ table }: Pick<SourceTable, "table">): string {
  return `${table.join(".")}:`;
}

/** The name of a row's event, of the row that is called `row` in the statement: the table and the primary key. */
export function eventIdOf(source: SourceTable, row: string): string {
  const parts = source.key.map((column) => `${row}.${quote(column)}::text`);
  const key = parts.length === 1 ? parts.join("") : `json_build_array(${parts.join(", ")})::text`;
  return `${literal(eventPrefix(source))} || ${key}`;
}

/** The row as the JSON of its event, all columns by their names; times without a zone get the one that they are meant in. */
export function eventValueOf(source: SourceTable, row: string): string {
  const zoneless = timesWithoutZone(source);
  const columns = source.columns.map(({ name: column }) => {
    const value = `${row}.${quote(column)}`;
    const zoned = zoneless.includes(column) ? `${value} AT TIME ZONE ${literal(source.timeZone)}` : value;
    return `${zoned} AS ${quote(column)}`;
  });
  return `(SELECT row_to_json(clusterflow_row)::text FROM (SELECT ${columns.join(", ")}) AS clusterflow_row)`;
}
