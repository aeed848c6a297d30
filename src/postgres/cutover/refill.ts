import type { RawRecord } from "../../pipeline/ports.ts";
import type { Connection } from "../connection.ts";
import { failureOf, toDatabaseError, rootOf } from "../errors.ts";
import { name, quote } from "../write/quote.ts";
import { offsetsJson, taken, type Cutover } from "./desk.ts";
import { eventIdOf, literal } from "./row-text.ts";
import { timesWithoutZone, type SourceColumn, type SourceTable } from "./source-table.ts";

/** An event of the topic that the table lacks. */
export interface Returning {
  readonly record: RawRecord;
  /** By which the stream knows it. */
  readonly id: string;
  /** Members that the message itself does not have, or has as null; as JSON. */
  readonly made: string;
}

/** A record that is no event, or that the table does not take. */
export interface LeftOver {
  readonly record: RawRecord;
  readonly id: string | null;
  readonly reason: string;
}

/** What lies in a partition up to an offset, sorted. */
export interface RefillPage {
  readonly partition: number;
  readonly end: bigint;
  readonly events: readonly Returning[];
  readonly leftOver: readonly LeftOver[];
}

const DEADLINE_MS = 120_000;

/** Puts pages into the table, each with its position in one statement. What the table refuses is found by halving. */
export class Refill {
  readonly #connection: Connection;
  readonly #cutover: Cutover;
  readonly #statement: string;

  constructor(connection: Connection, cutover: Cutover, source: SourceTable) {
    this.#connection = connection;
    this.#cutover = cutover;
    this.#statement = statementOf(source);
  }

  /** How many rows came to be there now: those of a page that was stored before are known. */
  async store(page: RefillPage): Promise<number> {
    try {
      return await this.#storeOnce(page);
    } catch (thrown) {
      const error = toDatabaseError(thrown, this.#connection.settings);
      if (failureOf(rootOf(error)) !== "data" || page.events.length === 0) throw error;
      const [only] = page.events;
      if (page.events.length === 1 && only !== undefined)
        return this.store({
          ...page,
          events: [],
          leftOver: [...page.leftOver, refusedBy(only, error.message)],
        });
      return this.#storeHalves(page);
    }
  }

  /** The position moves to the first half's last event, so that a death between the halves costs nothing. */
  async #storeHalves(page: RefillPage): Promise<number> {
    const half = Math.floor(page.events.length / 2);
    const first = page.events.slice(0, half);
    const end = (first.at(-1)?.record.offset ?? -1n) + 1n;
    const isBefore = ({ record }: LeftOver): boolean => record.offset < end;
    const left = { ...page, end, events: first, leftOver: page.leftOver.filter(isBefore) };
    const stored = await this.store(left);
    const rest = page.leftOver.filter((one) => !isBefore(one));
    return stored + (await this.store({ ...page, events: page.events.slice(half), leftOver: rest }));
  }

  async #storeOnce({ partition, end, events, leftOver }: RefillPage): Promise<number> {
    const { stream, epoch } = this.#cutover;
    const once = [...new Map(events.map((event) => [event.id, event])).values()];
    // the message's own text: numbers of many digits stay what they are
    const rows = once.map(
      ({ id, record, made }) =>
        `{"event_id":${JSON.stringify(id)},"said":${String(record.value)},"made":${made}}`,
    );
    const [row] = await this.#connection.query(
      this.#statement,
      [
        ...[stream, epoch, offsetsJson(new Map([[partition, end]]))],
        ...[`[${rows.join(",")}]`, JSON.stringify(leftOver.map(letterOf))],
      ],
      { deadlineMs: DEADLINE_MS },
    );
    if (row?.["held"] !== true) throw taken(stream);
    return Number(row["stored"]);
  }
}

/** The fence, the ledger, the rows, what is left over and the position move together or not at all. */
function statementOf(source: SourceTable): string {
  const columns = source.columns.map((column) => quote(column.name)).join(", ");
  const zoneless = timesWithoutZone(source);
  const values = source.columns.map(
    (column) => `${valueOf(column, source, zoneless)} AS ${quote(column.name)}`,
  );
  const insist = source.columns.some(({ isInsisted }) => isInsisted) ? "OVERRIDING SYSTEM VALUE" : "";
  return `
    WITH held AS (
      UPDATE clusterflow_cutover.cutovers SET judged_to = judged_to || $3::text::jsonb
       WHERE stream = $1 AND epoch = $2 AND state = 'rolling-back'
      RETURNING stream),
    said AS (
      SELECT e.event_id, e.said || e.made AS row
        FROM held, jsonb_to_recordset($4::text::jsonb) AS e (event_id text, said jsonb, made jsonb)
       WHERE NOT EXISTS (SELECT FROM clusterflow_cutover.refilled AS r
                          WHERE r.stream = $1 AND r.event_id = e.event_id)),
    page AS MATERIALIZED (
      SELECT s.event_id AS clusterflow_event, ${values.join(", ")}
        FROM said AS s, jsonb_populate_record(NULL::${name(source.at)}, s.row) AS p),
    noted AS (
      INSERT INTO clusterflow_cutover.refilled (stream, event_id, row_event)
      SELECT $1, page.clusterflow_event, ${eventIdOf(source, "page")} FROM page),
    letters AS (
      INSERT INTO clusterflow_cutover.left_over (stream, topic, partition, "offset", event_id, value, reason)
      SELECT $1, l.topic, l.partition, l."offset", l.event_id, decode(l.value, 'base64'), l.reason
        FROM held, jsonb_to_recordset($5::text::jsonb)
          AS l (topic text, partition integer, "offset" bigint, event_id text, value text, reason text)
      ON CONFLICT DO NOTHING),
    stored AS (
      INSERT INTO ${name(source.at)} (${columns}) ${insist} SELECT ${columns} FROM page RETURNING 1)
    SELECT EXISTS (SELECT FROM held) AS held, (SELECT count(*) FROM stored)::integer AS stored`;
}

/** What the message says, or what the table gives a column that nobody names. */
function valueOf(column: SourceColumn, { timeZone }: SourceTable, zoneless: readonly string[]): string {
  const key = literal(column.name);
  const said = zoneless.includes(column.name)
    ? `(s.row ->> ${key})::timestamptz AT TIME ZONE ${literal(timeZone)}`
    : `p.${quote(column.name)}`;
  if (column.otherwise === null) return said;
  // null where null cannot be is as good as nothing
  const isSaid = column.isNeeded ? `s.row ->> ${key} IS NOT NULL` : `s.row ? ${key}`;
  return `CASE WHEN ${isSaid} THEN ${said} ELSE ${column.otherwise} END`;
}

function refusedBy({ record, id }: Returning, message: string): LeftOver {
  return { record, id, reason: `the table refuses it: ${message}` };
}

function letterOf({ record, id, reason }: LeftOver): object {
  const { topic, partition, offset, value } = record;
  return {
    topic,
    partition,
    offset: Number(offset),
    event_id: id,
    value: value?.toString("base64") ?? null,
    reason,
  };
}
