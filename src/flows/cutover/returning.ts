import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { cameFrom, decodedId } from "../../pipeline/cutover/event.ts";
import type { RawRecord } from "../../pipeline/ports.ts";
import type { LeftOver, Returning } from "../../postgres/cutover/refill.ts";
import type { Stream, Table } from "../../streams/define.ts";
import { parseJson } from "../../streams/reading/parse-json.ts";

/** Records that did not come from the table: events that it lacks, and what is no event of the stream. */
export function sortReturning(
  stream: Stream,
  table: Table,
  prefix: string,
  records: readonly RawRecord[],
): { readonly events: readonly Returning[]; readonly leftOver: readonly LeftOver[] } {
  const events: Returning[] = [];
  const leftOver: LeftOver[] = [];
  for (const record of records) {
    if (cameFrom(prefix, record)) continue;
    const decoded = decodedId(stream, table, record);
    const said = record.value === null ? null : parseJson(record.value);
    if ("reason" in decoded) leftOver.push({ record, id: null, reason: decoded.reason });
    else if (said === null || said.kind === "rejected" || !isJsonObject(said.value))
      leftOver.push({ record, id: decoded.id, reason: "it is no JSON object" });
    else events.push({ record, id: decoded.id, made: madeOf(said.value, decoded.row, table.identity) });
  }
  return { events, leftOver };
}

/** What the stream makes of members that the message does not have, such as a quantity of 1. */
function madeOf(said: JsonObject, row: JsonObject, identity: readonly string[]): string {
  const made = Object.entries(row).filter(
    ([column, value]) =>
      value !== null && !identity.includes(column) && (said[column] === undefined || said[column] === null),
  );
  return JSON.stringify(Object.fromEntries(made));
}
