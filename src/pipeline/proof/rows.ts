import { printable } from "../../core/printable.ts";
import { checkOf, failed, fine, pending, told, type Check, type Finding, type Remedy } from "./check.ts";
import { dropRows } from "./statements.ts";

/** A column whose value is not what the message makes; texts as PostgreSQL writes them, cut short. */
export interface ColumnDifference {
  readonly column: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/** A row that is not what its message makes. `left`: its message deletes it, and it is there. */
export interface OddRow {
  readonly kind: "missing" | "doubled" | "different" | "left";
  readonly partition: number;
  readonly offset: bigint;
  /** The columns of its identity, with their values as PostgreSQL writes them. */
  readonly identity: readonly (readonly [column: string, value: string])[];
  readonly columns: readonly ColumnDifference[];
}

/** A record that is counted as stored and that the stream does not take. */
export interface RefusedNow {
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
}

/** What was found out about the rows of one table. */
export interface TableRows {
  /** Schema and table. */
  readonly table: readonly [schema: string, table: string];
  readonly again: "keep" | "replace" | "change";
  /** Rows that the messages make, without those that a later message of the same row took the place of. */
  readonly expected: bigint;
  readonly found: bigint;
  /** Sums, so that the order in which rows come is no matter. */
  readonly expectedDigest: bigint;
  readonly foundDigest: bigint;
  /** How many of each kind, and the first of them. */
  readonly odd: Readonly<Record<OddRow["kind"], number>>;
  readonly named: readonly OddRow[];
  /** All rows of the table; null where nobody counted. */
  readonly total: bigint | null;
  /** Why its rows were not compared, or not to the end; null when they were. */
  readonly why: { readonly status: "failed" | "pending" | "told"; readonly text: string } | null;
}

export interface RowEvidence {
  readonly tables: readonly TableRows[];
  readonly refused: number;
  readonly firstRefused: RefusedNow | null;
}

/** Odd rows that are named at most. */
export const NAMED_ROWS = 20;

/** As many rows as the messages make, each once. */
export function judgeRowCounts({ tables, refused, firstRefused }: RowEvidence): Check {
  const findings = tables.flatMap((one) => [
    ...oddFindings(one, ["missing", "doubled", "left"]),
    ...(one.why === null ? [] : [whyFinding(one.why, one)]),
    ...(one.why === null && oddCount(one, ["missing", "doubled", "left"]) === 0
      ? [fine(`${nameOf(one)}: ${foundText([one])}`)]
      : []),
    ...strangers(one),
  ]);
  return checkOf(
    {
      id: "counts",
      title: "every row that the messages make is in its table, once",
      expected: `${sum(tables, (one) => one.expected)} rows${severalText(tables)}`,
      found: `${thereOf(tables)} rows`,
    },
    [...refusedFindings(refused, firstRefused), ...findings],
  );
}

/** Rows that were found; of a table that several messages make the same rows of, not more than it has. */
function thereOf(tables: readonly TableRows[]): bigint {
  return sum(tables, ({ total, found }) => (total !== null && total < found ? total : found));
}

export function foundText(tables: readonly TableRows[]): string {
  const several = severalText(tables);
  const made = `${sum(tables, (one) => one.found)} rows made${several}`;
  return several === ""
    ? `${made} = ${thereOf(tables)} found`
    : `${made}, all among the ${thereOf(tables)} found`;
}

function severalText(tables: readonly TableRows[]): string {
  return thereOf(tables) === sum(tables, (one) => one.found) ? "" : ", some by several messages";
}

/** Their contents, column by column. */
export function judgeRowDigests({ tables }: RowEvidence): Check {
  const findings = tables.flatMap((one) => {
    const odd = oddFindings(one, ["different"]);
    if (odd.length > 0) return odd;
    if (one.why !== null) return [told(`${nameOf(one)}: see counts`)];
    return [fine(`${nameOf(one)}: digest ${digestText(one.foundDigest)}`)];
  });
  return checkOf(
    {
      id: "digest",
      title: "every row has the values that its message makes",
      expected: digestText(sum(tables, (one) => one.expectedDigest)),
      found: digestText(sum(tables, (one) => one.foundDigest)),
    },
    findings,
  );
}

/** 120 bits of a sum, which is what a row adds. */
export function digestText(digest: bigint): string {
  return BigInt.asUintN(120, digest).toString(16).padStart(30, "0");
}

function nameOf({ table }: TableRows): string {
  return table.join(".");
}

function sum(tables: readonly TableRows[], of: (one: TableRows) => bigint): bigint {
  return tables.reduce((all, one) => all + of(one), 0n);
}

function oddCount({ odd }: TableRows, kinds: readonly OddRow["kind"][]): number {
  return kinds.reduce((all, kind) => all + odd[kind], 0);
}

function oddFindings(one: TableRows, kinds: readonly OddRow["kind"][]): readonly Finding[] {
  const named = one.named.filter(({ kind }) => kinds.includes(kind));
  const more = oddCount(one, kinds) - named.length;
  const findings = named.map((row) => failed(...wordsOf(row, one), remedyOf(row, one)));
  if (more === 0) return findings;
  const rest = failed(
    `${nameOf(one)}: ${more} more rows`,
    { expected: `${one.expected} rows`, found: `${one.found} rows` },
    { step: "replay" },
  );
  return [...findings, rest];
}

function wordsOf(row: OddRow, one: TableRows): [text: string, sides: { expected: string; found: string }] {
  const where = `partition ${row.partition} offset ${row.offset}: ${nameOf(one)} (${identityText(row)})`;
  switch (row.kind) {
    case "missing":
      return [`${where} is missing`, { expected: "a row", found: "none" }];
    case "doubled":
      return [`${where} is there more than once`, { expected: "one row", found: "several" }];
    case "left":
      return [`${where} is there, and the message deletes it`, { expected: "no row", found: "a row" }];
    case "different": {
      const sides = (side: "expected" | "found"): string =>
        row.columns.map((one) => `${one.column} ${valueText(one.column, one[side])}`).join(", ");
      const [expected, found] = [sides("expected"), sides("found")];
      return [`${where} has ${found}, and the message makes ${expected}`, { expected, found }];
    }
  }
}

/** What is there stays where the first of a row is kept: it has to go before the topic is read again. */
function remedyOf(row: OddRow, one: TableRows): Remedy {
  if (row.kind === "doubled") return { step: "refill" };
  const isSecret = row.identity.some(([column]) => SECRET.test(column));
  if (row.kind !== "different" || one.again !== "keep" || isSecret) return { step: "replay" };
  const identities = one.named.filter(({ kind }) => kind === "different").map(({ identity }) => identity);
  return { step: "replay", statement: dropRows(one.table, identities) };
}

function whyFinding(why: NonNullable<TableRows["why"]>, one: TableRows): Finding {
  const text = `${nameOf(one)}: ${why.text}`;
  if (why.status === "failed") return failed(text, { expected: "rows", found: "none" }, { step: "refill" });
  return why.status === "pending" ? pending(text) : told(text);
}

/**
 * Rows of an older time, of another way in, or of somebody's hand: no message says what is right about them. A row that
 * two messages make alike is found twice, so there may be more of them.
 */
function strangers(one: TableRows): readonly Finding[] {
  const more = (one.total ?? 0n) - one.found;
  if (more <= 0n || one.why !== null) return [];
  return [
    told(`${nameOf(one)}: at least ${more} more rows, which no message that was read makes, were not judged`),
  ];
}

function refusedFindings(refused: number, first: RefusedNow | null): readonly Finding[] {
  if (first === null) return [];
  const { partition, offset, reason } = first;
  const many = refused === 1 ? "" : ` (and ${refused - 1} more such)`;
  return [
    failed(
      `partition ${partition} offset ${offset}: the stream refuses it and it is no dead letter${many}: ${printable(reason, 120)}`,
      { expected: "a dead letter", found: "none" },
      { step: "replay" },
    ),
  ];
}

function identityText({ identity }: OddRow): string {
  return identity.map(([column, value]) => `${column} ${valueText(column, value)}`).join(", ");
}

/** Columns that somebody gave such a name hold what nobody may read in a report. */
const SECRET = /pass|secret|token|credential|api_?key|private|auth/i;
const SHOWN = 40;

function valueText(column: string, value: string | null): string {
  if (value === null) return "NULL";
  return SECRET.test(column) ? "***" : `"${printable(value, SHOWN)}"`;
}
