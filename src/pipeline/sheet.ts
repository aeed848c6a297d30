import type { JsonObject } from "../core/json.ts";
import type { Target } from "../streams/define.ts";

/** An empty sheet for each table of a target, or one for its procedure. */
export function sheetsFor(target: Target): readonly Sheet[] {
  return target.kind === "procedure"
    ? [new Sheet([])]
    : target.tables.map(({ identity, again }) => new Sheet(again === "replace" ? identity : []));
}

/**
 * The rows of one batch for one table. PostgreSQL refuses to replace a row twice in one statement (SQLSTATE 21000), so
 * of several rows of one fact only the last is kept.
 */
export class Sheet {
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
