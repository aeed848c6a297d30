import { NAMED_ROWS, type ColumnDifference, type OddRow, type TableRows } from "./rows.ts";

/** What PostgreSQL says of rows that messages make, beside those that are there. */
export interface RowAnswer {
  /** Rows that are as they should be, and the sum of their digests. */
  readonly same: bigint;
  readonly digest: bigint;
  /** The others; and, where they were asked for, those that are as they should be. */
  readonly rows: readonly AnsweredRow[];
}

export interface AnsweredRow {
  /** Its place among the rows that were asked about, counted from 0. */
  readonly at: number;
  readonly isSame: boolean;
  /** `delete` where the row has to be gone. */
  readonly wants: "row" | "delete";
  readonly times: number;
  /** The identity's values. */
  readonly identity: readonly string[];
  /** The values of all columns, as far as the message says them, and those that are there; null where none is. */
  readonly expected: readonly (string | null)[];
  readonly found: readonly (string | null)[] | null;
  readonly expectedDigest: bigint;
  readonly foundDigest: bigint;
}

export interface RowPlace {
  readonly partition: number;
  readonly offset: bigint;
}

/** A row that is odd so far: another message of the same row may be the one that is stored. */
export interface Suspect {
  readonly row: OddRow;
  readonly expectedDigest: bigint;
  readonly foundDigest: bigint;
}

/** The accounts of one table, while its messages are read. Memory holds no row, but for those that are odd. */
export class RowTally {
  readonly suspects = new Map<string, Suspect>();
  readonly #named: OddRow[] = [];
  readonly #odd = { missing: 0, doubled: 0, different: 0, left: 0 };
  #expected = 0n;
  #found = 0n;
  #expectedDigest = 0n;
  #foundDigest = 0n;

  /** Takes in those that are as they should be. */
  add({ same, digest }: Pick<RowAnswer, "same" | "digest">): void {
    this.#expected += same;
    this.#found += same;
    this.#expectedDigest += digest;
    this.#foundDigest += digest;
  }

  /** No message will come that explains them. */
  condemn(suspects: Iterable<Suspect>): void {
    for (const { row, expectedDigest, foundDigest } of suspects) {
      this.#odd[row.kind] += 1;
      if (this.#named.length < NAMED_ROWS) this.#named.push(row);
      if (row.kind !== "left") this.#expected += 1n;
      if (row.kind !== "missing") this.#found += 1n;
      this.#expectedDigest += expectedDigest;
      this.#foundDigest += foundDigest;
    }
  }

  result(
    { table, again }: Pick<TableRows, "table" | "again">,
    total: bigint | null,
    why: TableRows["why"],
  ): TableRows {
    return {
      table,
      again,
      expected: this.#expected,
      found: this.#found,
      expectedDigest: this.#expectedDigest,
      foundDigest: this.#foundDigest,
      odd: { ...this.#odd },
      named: this.#named,
      total,
      why,
    };
  }
}

/** An odd row as it is kept: what differs, cut short. */
export function suspectOf(
  answered: AnsweredRow,
  { partition, offset }: RowPlace,
  columns: readonly string[],
  identity: readonly string[],
): Suspect {
  const { expectedDigest, foundDigest } = answered;
  const row: OddRow = {
    kind: kindOf(answered),
    partition,
    offset,
    identity: identity.map((column, index) => [column, answered.identity[index] ?? ""]),
    columns: differencesOf(answered, columns),
  };
  return { row, expectedDigest, foundDigest };
}

function kindOf({ wants, times }: AnsweredRow): OddRow["kind"] {
  if (wants === "delete") return "left";
  if (times === 0) return "missing";
  return times > 1 ? "doubled" : "different";
}

function differencesOf({ expected, found }: AnsweredRow, columns: readonly string[]): ColumnDifference[] {
  if (found === null) return [];
  return columns.flatMap((column, index) => {
    const [left, right] = [expected[index] ?? null, found[index] ?? null];
    return left === right ? [] : [{ column, ...shortened(left, right) }];
  });
}

const SHORT = 36;

/** Of two long texts, the part in which they begin to differ. */
function shortened(expected: string | null, found: string | null): Omit<ColumnDifference, "column"> {
  if (expected === null || found === null)
    return { expected: expected?.slice(0, 2 * SHORT) ?? null, found: found?.slice(0, 2 * SHORT) ?? null };
  let same = 0;
  while (same < expected.length && expected[same] === found[same]) same += 1;
  const from = same < SHORT ? 0 : same - SHORT / 3;
  const part = (text: string): string => (from === 0 ? "" : "…") + text.slice(from, from + 2 * SHORT);
  return { expected: part(expected), found: part(found) };
}
