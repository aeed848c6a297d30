import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { probeOf } from "../probe.ts";
import type { OutgoingMessage, RecordView, Stream, Table } from "../../streams/define.ts";
import { parseJson } from "../../streams/reading/parse-json.ts";

/** Names the event for whoever stores it: what comes twice is stored once. */
export const EVENT_ID = "event-id";
/** As Debezium says it: `c` for a row that was inserted, `r` for one that was there before. */
const OPERATION = "clusterflow-op";

/** A row of the table as an event: its JSON, and the name under which it is known. */
export interface RowEvent {
  readonly id: string;
  readonly value: string;
}

/** The table of a stream whose rows are known by the header alone; words about why there is none. */
export function appendTable({ name, target }: Stream): Table | string {
  if (target.kind !== "tables") return `stream ${name} has no tables`;
  const [table, ...others] = target.tables;
  if (table === undefined || others.length > 0)
    return `stream ${name} has not one table but ${target.tables.length}`;
  if (table.again !== "keep") return `the table of stream ${name} does not append`;
  const [identity, ...rest] = table.identity;
  if (identity === undefined || rest.length > 0) return unknown(name, table.identity);
  return table;
}

/** Why a row of the table cannot be an event of the stream; null when it can. */
export function flawOf(stream: Stream, table: Table, event: RowEvent): string | null {
  const one = decodedId(stream, table, recordOf(event));
  if ("reason" in one) return one.reason;
  return one.id === event.id ? null : unknown(stream.name, table.identity);
}

function unknown(stream: string, identity: readonly string[]): string {
  return (
    `stream ${stream} knows its events by ${identity.length === 0 ? "nothing" : `column ${identity.join(", ")}`} and not by the ` +
    `header ${EVENT_ID} alone, so a row that is sent twice could be stored twice: declare identity: [event_id] with event_id: { type: text, from: "header:${EVENT_ID}" }`
  );
}

/** What the stream makes of a record: its identity and its row, or why it is none of the stream's. */
export function decodedId(
  stream: Stream,
  table: Table,
  record: RecordView,
): { readonly id: string; readonly row: JsonObject } | { readonly reason: string } {
  const decoded = stream.decode(record);
  if (decoded.kind === "rejected") return { reason: decoded.reason };
  const row = decoded.kind === "rows" ? decoded.rows[0] : decoded.tables[0]?.[0];
  const id = row?.[table.identity[0] ?? ""];
  if (row === undefined || id === undefined || id === null) return { reason: "it has no identity" };
  return { id: typeof id === "string" ? id : JSON.stringify(id), row };
}

function recordOf({ id, value }: RowEvent): RecordView {
  return {
    key: null,
    value: Buffer.from(value),
    timestamp: 0,
    topic: "somewhere",
    partition: 0,
    offset: 0n,
    headers: [[EVENT_ID, Buffer.from(id)]],
  };
}

/** Keyed as the stream's own producers do it, so that events of one thing stay in one partition. */
export function messageOf(stream: Stream, { id, value }: RowEvent, operation: "c" | "r"): OutgoingMessage {
  return {
    key: keyOf(stream, value) ?? id,
    value,
    headers: { [EVENT_ID]: id, [OPERATION]: operation },
  };
}

function keyOf(stream: Stream, text: string): string | null {
  const parsed = parseJson(Buffer.from(text));
  if (parsed.kind === "rejected" || !isJsonObject(parsed.value)) return null;
  if (stream.keyOf !== undefined) return stream.keyOf(parsed.value);
  const ingested = stream.ingest?.toMessage(parsed.value, text, new Date(0).toISOString());
  return ingested?.kind === "message" ? ingested.message.key : null;
}

/** Whether a message came from the table, or is no event at all: then the table lacks nothing. */
export function cameFrom(prefix: string, { headers = [] }: Pick<RecordView, "headers">): boolean {
  if (probeOf({ headers }) !== null) return true;
  const header = headers.find(([name]) => name === EVENT_ID);
  return header?.[1]?.toString("utf8").startsWith(prefix) ?? false;
}
