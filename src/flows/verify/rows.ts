import type { ConsumerSettings } from "../../config/consumer.ts";
import type { JsonObject } from "../../core/json.ts";
import type { RawRecord } from "../../pipeline/ports.ts";
import type { RefusedNow, RowEvidence, TableRows } from "../../pipeline/proof/rows.ts";
import type { RowPlace } from "../../pipeline/proof/row-tally.ts";
import type { Connection } from "../../postgres/connection.ts";
import { readPositions } from "../../postgres/proof/positions.ts";
import { countTable, openRowQuestion } from "../../postgres/proof/rows.ts";
import type { Decoded, Stream, Table } from "../../streams/define.ts";
import { ChangedRows } from "./changed-rows.ts";
import { lanesOf, readSettled, type Lane } from "./read-settled.ts";
import { withMarks } from "./scan.ts";
import { StandingRows } from "./standing-rows.ts";

export interface CompareOptions {
  readonly settings: ConsumerSettings;
  readonly stream: Stream;
  readonly connection: Connection;
  readonly signal: AbortSignal;
}

/** A row that a message makes for one table. */
export interface MadeRow extends RowPlace {
  readonly row: JsonObject;
  /** Of the message. */
  readonly bytes: number;
}

/** Reads all settled rows of one table again, some at a time. */
export type ReadRows = (see: (rows: readonly MadeRow[]) => Promise<void>) => Promise<void>;

/** How often rows that a consumer changes meanwhile are looked at again. */
const LOOKS = 3;

/** Every row that the settled messages make, by the stream's own decoding, beside the one that is in its table. */
export async function compareRows(options: CompareOptions): Promise<RowEvidence> {
  const { target } = options.stream;
  const tables = target.kind === "tables" ? target.tables : [];
  const refusals = new Refusals();
  const compared: TableRows[] = [];
  for (const [index, table] of tables.entries()) {
    compared.push(await compareTable(options, table, index, index === 0 ? refusals : null));
  }
  return { tables: compared, refused: refusals.count, firstRefused: refusals.first };
}

async function compareTable(
  options: CompareOptions,
  table: Table,
  index: number,
  refusals: Refusals | null,
): Promise<TableRows> {
  const { connection } = options;
  if (table.identity.length === 0) return new StandingRows(table, null).result(null, KEYLESS);
  const opened = await openRowQuestion(connection, table);
  const comparison = table.again === "change" ? ChangedRows : StandingRows;
  if ("missing" in opened) return new comparison(table, null).result(null, failure(opened.missing));
  for (let look = 1; ; look += 1) {
    const { rows, lanes } = await withSettled(options, async (lanes) => {
      const rows = new comparison(table, opened.question);
      await rows.compare(readRowsOf(options, lanes, index, refusals), lanes.length);
      return { rows, lanes };
    });
    const isQuiet = !rows.isOdd || isSame(lanes, await withSettled(options, (now) => Promise.resolve(now)));
    if (!isQuiet && look < LOOKS) continue;
    return rows.result(await countTable(connection, table), isQuiet ? null : MOVING);
  }
}

const KEYLESS: TableRows["why"] = {
  status: "told",
  text: "not compared: it has no key, so that its rows cannot be told from each other",
};
const MOVING: TableRows["why"] = {
  status: "pending",
  text: "rows change while they are compared, because messages are being consumed",
};

function failure(text: string): TableRows["why"] {
  return { status: "failed", text };
}

function withSettled<T>(
  { settings, stream, connection, signal }: CompareOptions,
  work: (lanes: readonly Lane[]) => Promise<T>,
): Promise<T> {
  return withMarks({ settings, stream, positions: [], signal }, async (marks) =>
    work(lanesOf(await readPositions(connection, settings.group, settings.kafka.topic), marks)),
  );
}

function isSame(one: readonly Lane[], other: readonly Lane[]): boolean {
  const ends = new Map(other.map(({ partition, last }) => [partition, last]));
  return one.length === other.length && one.every(({ partition, last }) => ends.get(partition) === last);
}

function readRowsOf(
  { settings: { kafka, group }, stream, connection, signal }: CompareOptions,
  lanes: readonly Lane[],
  index: number,
  refusals: Refusals | null,
): ReadRows {
  return (see) =>
    readSettled({ kafka, group, connection, lanes, signal }, (records) =>
      see(records.flatMap((record) => rowsOf(record, stream.decode(record), index, refusals))),
    );
}

function rowsOf(
  { partition, offset, value }: RawRecord,
  decoded: Decoded,
  index: number,
  refusals: Refusals | null,
): readonly MadeRow[] {
  if (decoded.kind === "rejected") refusals?.add({ partition, offset, reason: decoded.reason });
  const bytes = value?.length ?? 0;
  return rowsFor(decoded, index).map((row) => ({ row, partition, offset, bytes }));
}

function rowsFor(decoded: Decoded, index: number): readonly JsonObject[] {
  switch (decoded.kind) {
    case "rejected":
      return [];
    case "rows":
      return index === 0 ? decoded.rows : [];
    case "tables":
      return decoded.tables[index] ?? [];
  }
}

/** Records that are counted as stored, and that the stream's decoding refuses. */
class Refusals {
  readonly #seen = new Set<string>();
  count = 0;
  first: RefusedNow | null = null;

  /** A table's rows may be read several times. */
  add(refused: RefusedNow): void {
    const place = `${refused.partition}/${refused.offset}`;
    if (this.#seen.has(place)) return;
    if (this.#seen.size < REMEMBERED) this.#seen.add(place);
    this.count += 1;
    this.first ??= refused;
  }
}

const REMEMBERED = 10_000;
