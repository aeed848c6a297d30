import { RowTally, suspectOf, type AnsweredRow } from "../../pipeline/proof/row-tally.ts";
import type { TableRows } from "../../pipeline/proof/rows.ts";
import type { RowQuestion } from "../../postgres/proof/rows.ts";
import type { Table } from "../../streams/define.ts";
import type { MadeRow, ReadRows } from "./rows.ts";

/** Odd rows that are held, each some hundred bytes, and how often the topic is read again because of them. */
const SUSPECTS = 100_000;
const READINGS = 20;

/**
 * Rows of a table that keeps the first of several, or the last. Where several messages make one row, one of them is
 * stored: a row that is not as its message makes it is a suspect, until another message of the same row explains it.
 * Order between partitions is nobody's, so any partition's last word may stand.
 */
export class StandingRows {
  readonly #table: Table;
  readonly #question: RowQuestion | null;
  readonly #tally = new RowTally();
  readonly #columns: readonly string[];
  #readings = 0;
  #why: TableRows["why"] = null;
  isOdd = false;

  constructor(table: Table, question: RowQuestion | null) {
    this.#table = table;
    this.#question = question;
    this.#columns = Object.keys(table.columns);
  }

  async compare(read: ReadRows): Promise<void> {
    const { suspects } = this.#tally;
    await read(async (rows) => {
      await this.#see(rows);
      if (suspects.size >= SUSPECTS) await this.#explain(read);
    });
    await this.#explain(read);
  }

  result(total: bigint | null, why: TableRows["why"]): TableRows {
    const { table, again } = this.#table;
    return this.#tally.result({ table, again }, total, why ?? this.#why);
  }

  async #see(rows: readonly MadeRow[]): Promise<void> {
    const { suspects } = this.#tally;
    const replaces = this.#table.again === "replace";
    const answer = await this.#ask(rows, replaces && suspects.size > 0 ? "all" : "odd");
    if (answer === null) return;
    this.#tally.add(answer);
    for (const one of answer.rows) {
      const key = keyOf(one);
      if (one.isSame) suspects.delete(key);
      else if (replaces || !suspects.has(key)) this.#suspect(key, one, rows);
    }
  }

  #suspect(key: string, answered: AnsweredRow, rows: readonly MadeRow[]): void {
    const made = rows[answered.at];
    if (made === undefined) throw new RangeError("an answer about a row that was not asked about");
    this.#tally.suspects.set(key, suspectOf(answered, made, this.#columns, this.#table.identity));
  }

  /** Reads everything again, for the other messages of the rows that are odd. */
  async #explain(read: ReadRows): Promise<void> {
    const { suspects } = this.#tally;
    if (suspects.size === 0) return;
    this.#readings += 1;
    if (this.#readings > READINGS) {
      this.#why = { status: "pending", text: TOO_MANY };
      suspects.clear();
      return;
    }
    const last = new Map<string, Map<number, boolean>>();
    await read(async (rows) => {
      const answer = await this.#ask(rows, "all");
      for (const one of answer?.rows ?? []) this.#note(one, rows, last);
    });
    for (const [key, partitions] of last)
      if ([...partitions.values()].some((isSame) => isSame)) suspects.delete(key);
    this.isOdd ||= suspects.size > 0;
    this.#tally.condemn(suspects.values());
    suspects.clear();
  }

  /** For a table that keeps the first, any message will do. */
  #note(answered: AnsweredRow, rows: readonly MadeRow[], last: Map<string, Map<number, boolean>>): void {
    const key = keyOf(answered);
    const partition = rows[answered.at]?.partition;
    if (!this.#tally.suspects.has(key) || partition === undefined) return;
    const partitions = last.get(key) ?? new Map<number, boolean>();
    const before = this.#table.again === "keep" && partitions.get(partition) === true;
    last.set(key, partitions.set(partition, before || answered.isSame));
  }

  async #ask(rows: readonly MadeRow[], tells: "odd" | "all"): ReturnType<NoNull> {
    if (rows.length === 0 || this.#question === null) return null;
    return this.#question(
      rows.map(({ row }) => row),
      tells,
    );
  }
}

type NoNull = () => Promise<Awaited<ReturnType<RowQuestion>> | null>;

const TOO_MANY = "too many of its rows are made by several messages each, and were not all compared";

/** A row's identity, as PostgreSQL writes it. */
function keyOf({ identity }: AnsweredRow): string {
  return JSON.stringify(identity);
}
