import type { JsonObject } from "../core/json.ts";
import type { Target } from "../streams/define.ts";
import { ChangeSheet } from "./change-sheet.ts";

/** Takes the rows of a batch for one table; `rows` are those that are left to write. */
export interface Gathering {
  readonly rows: readonly JsonObject[];
  add(row: JsonObject): void;
}

/** An empty sheet for each table of a target, or one for its procedure. */
export function sheetsFor(target: Target): readonly Gathering[] {
  if (target.kind === "procedure") return [new Sheet([])];
  return target.tables.map((table) =>
    table.again === "change"
      ? new ChangeSheet(table)
      : new Sheet(table.again === "replace" ? table.identity : []),
  );
}

/**
 * The rows of one batch for one table. PostgreSQL refuses to replace a row twice in one statement (SQLSTATE 21000), so
 * of several rows of one fact only the last is kept.
 */
class Sheet implements Gathering {
  readonly rows: JsonObject[] = [];
  readonly #identity: readonly string[];
  readonly #places = new Map<unknown, number>();

  /** `identity` are the columns by which a later row takes the place of an earlier one; none keeps all. */
  constructor(identity: readonly string[]) {
    this.#identity = identity;
  }

  add(row: JsonObject): void {
    const fact = this.#factOf(row);
    const place = fact === null ? undefined : this.#places.get(fact);
    if (place !== undefined) {
      this.rows[place] = row;
      return;
    }
    if (fact !== null) this.#places.set(fact, this.rows.length);
    this.rows.push(row);
  }

  /** Null where nothing is to be replaced: to PostgreSQL, too, no NULL is the same as another. */
  #factOf(row: JsonObject): unknown {
    const [first, second] = this.#identity;
    if (first === undefined) return null;
    if (second === undefined) return row[first] ?? null;
    const values = this.#identity.map((column) => row[column] ?? null);
    return values.includes(null) ? null : JSON.stringify(values);
  }
}
