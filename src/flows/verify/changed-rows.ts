import { crc32 } from "node:zlib";
import type { JsonObject } from "../../core/json.ts";
import { ChangeSheet } from "../../pipeline/change-sheet.ts";
import { RowTally, suspectOf, type RowPlace } from "../../pipeline/proof/row-tally.ts";
import type { TableRows } from "../../pipeline/proof/rows.ts";
import type { RowQuestion } from "../../postgres/proof/rows.ts";
import { CHANGE, type Table } from "../../streams/define.ts";
import type { ReadRows } from "./rows.ts";

/** Rows that are held at a time, their bytes as the messages have them, and how often the topic is read at most. */
const HELD = { rows: 100_000, bytes: 64 * 1024 * 1024 };
const READINGS = 16;
const ASKED = 1_000;

/**
 * Rows of a copy, which only all changes together tell: they are brought to one for each row, as the consumer does.
 * Where those are too many to be held, the topic is read several times, each time for a part of the rows.
 */
export class ChangedRows {
  readonly #table: Table;
  readonly #question: RowQuestion | null;
  #tally = new RowTally();
  #why: TableRows["why"] = null;
  isOdd = false;

  constructor(table: Table, question: RowQuestion | null) {
    this.#table = table;
    this.#question = question;
  }

  /** `partitions` are those that hold messages: between several, nobody can say what a truncate came after. */
  async compare(read: ReadRows, partitions: number): Promise<void> {
    for (let parts = 1; parts <= READINGS; parts *= 2) {
      this.#tally = new RowTally();
      this.isOdd = false;
      if (await this.#compareIn(parts, read, partitions)) return;
    }
    this.#why = {
      status: "told",
      text: `not compared: it has more rows than ${READINGS} readings could hold`,
    };
  }

  result(total: bigint | null, why: TableRows["why"]): TableRows {
    const { table, again } = this.#table;
    return this.#tally.result({ table, again }, total, why ?? this.#why);
  }

  /** False when even a part of them is too much. */
  async #compareIn(parts: number, read: ReadRows, partitions: number): Promise<boolean> {
    for (let part = 0; part < parts; part += 1) {
      const held = new Held(this.#table, (key) => crc32(key) % parts === part);
      await read((rows) => {
        for (const one of rows) held.add(one.row, one, one.bytes);
        return Promise.resolve();
      });
      if (held.isTooMuch) return false;
      if (held.isEmptied && partitions > 1) {
        this.#why = {
          status: "told",
          text: "not compared: it was truncated, and its messages lie in several partitions",
        };
        return true;
      }
      await this.#ask(held);
    }
    return true;
  }

  async #ask(held: Held): Promise<void> {
    const changes = held.rows;
    for (let from = 0; from < changes.length; from += ASKED) {
      const asked = changes.slice(from, from + ASKED);
      const answer = await this.#question?.(asked, "odd");
      if (answer === undefined) return;
      this.#tally.add(answer);
      const odd = answer.rows.map((one) =>
        suspectOf(
          one,
          held.placeOf(asked[one.at] ?? {}),
          Object.keys(this.#table.columns),
          this.#table.identity,
        ),
      );
      this.isOdd ||= odd.length > 0;
      this.#tally.condemn(odd);
    }
  }
}

/** A part of a table's rows, as all changes leave them. */
class Held {
  readonly #sheet: ChangeSheet;
  readonly #identity: readonly string[];
  readonly #isOurs: (key: string) => boolean;
  /** Where the last change of each row lies. */
  readonly #places = new Map<string, RowPlace>();
  #bytes = 0;
  isEmptied = false;

  constructor(table: Table, isOurs: (key: string) => boolean) {
    this.#sheet = new ChangeSheet(table);
    this.#identity = table.identity;
    this.#isOurs = isOurs;
  }

  get isTooMuch(): boolean {
    return this.#places.size > HELD.rows || this.#bytes > HELD.bytes;
  }

  get rows(): readonly JsonObject[] {
    return this.#sheet.rows.filter((row) => row[CHANGE] !== "truncate");
  }

  add(row: JsonObject, { partition, offset }: RowPlace, bytes: number): void {
    if (row[CHANGE] === "truncate") {
      this.isEmptied = true;
      this.#places.clear();
      this.#bytes = 0;
      this.#sheet.add(row);
      return;
    }
    const key = this.#keyOf(row);
    if (!this.#isOurs(key) || this.isTooMuch) return;
    if (!this.#places.has(key)) this.#bytes += bytes;
    this.#places.set(key, { partition, offset });
    this.#sheet.add(row);
  }

  placeOf(row: JsonObject): RowPlace {
    return this.#places.get(this.#keyOf(row)) ?? { partition: 0, offset: 0n };
  }

  #keyOf(row: JsonObject): string {
    return JSON.stringify(this.#identity.map((column) => row[column] ?? null));
  }
}
