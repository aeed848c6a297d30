import type { JsonObject } from "../core/json.ts";
import { CHANGE, type Table } from "../streams/define.ts";

/**
 * What is left to do to a table after the changes of one batch: at most one change of each row, since PostgreSQL does not
 * say what becomes of a row that one statement touches twice. A row whose members are not all there is laid over the one
 * before it; only where nothing is known before it, the table is asked for what is missing.
 */
export class ChangeSheet {
  readonly #identity: readonly string[];
  readonly #unknown: JsonObject;
  readonly #changes = new Map<string, JsonObject>();
  #isEmptied = false;

  constructor({ identity, columns }: Table) {
    this.#identity = identity;
    this.#unknown = Object.fromEntries(Object.keys(columns).map((column) => [column, null]));
  }

  get rows(): readonly JsonObject[] {
    return [...(this.#isEmptied ? [{ [CHANGE]: "truncate" }] : []), ...this.#changes.values()];
  }

  add(row: JsonObject): void {
    const change = row[CHANGE];
    if (change === "truncate") {
      this.#changes.clear();
      this.#isEmptied = true;
      return;
    }
    const fact = JSON.stringify(this.#identity.map((column) => row[column] ?? null));
    if (change !== "delete") this.#changes.set(fact, this.#over(this.#changes.get(fact), row));
    else if (this.#isEmptied) this.#changes.delete(fact);
    else this.#changes.set(fact, row);
  }

  #over(before: JsonObject | undefined, row: JsonObject): JsonObject {
    const isGone = before === undefined ? this.#isEmptied : before[CHANGE] === "delete";
    return { ...(isGone ? this.#unknown : before), ...row };
  }
}
