import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { narrow } from "../../core/narrow.ts";
import { errorAnswer, retryAfter, type Answer, type Fault } from "./answer.ts";
import type { Receipt, User } from "./ports.ts";
import type { PostedRecord } from "./record.ts";

type Place = Pick<PostedRecord, "index" | "line">;

/** What became of the records of one request, in their order, and what it is answered. */
export class Tally {
  readonly #results: JsonObject[] = [];
  readonly #faults: JsonObject[] = [];
  readonly #modes = new Set<string>();
  #taken = 0;
  #retryAfterS = 0;

  get count(): number {
    return this.#results.length;
  }

  get isUnavailable(): boolean {
    return this.#retryAfterS > 0;
  }

  add({ index, line }: Place, receipt: Receipt): void {
    const place = line === null ? { index } : { index, line };
    if (receipt.kind === "taken") {
      this.#taken += 1;
      this.#modes.add(receipt.mode);
      this.#results.push({ ...place, status: "taken", event_id: receipt.id, ...whereOf(receipt) });
      return;
    }
    const field = receipt.kind === "refused" ? receipt.field : null;
    const fault = { ...place, field, reason: receipt.reason };
    if (receipt.kind === "unavailable")
      this.#retryAfterS = Math.max(this.#retryAfterS, receipt.retryAfterS, 1);
    this.#faults.push(fault);
    this.#results.push({ ...fault, status: receipt.kind });
  }

  /**
   * 503 as soon as one record found no place: whoever looks at the status alone posts all of them again, which is safe,
   * and whoever reads the results posts only those. 400 when none was any good. `cut`: why not everything was read.
   */
  answer(by: User, cut: Answer | null = null): Answer {
    if (cut !== null) return this.#beside(cut, by);
    if (this.isUnavailable) return this.#bad(503, "unavailable", by, retryAfter(this.#retryAfterS));
    return this.#taken === 0
      ? this.#bad(400, "invalid", by)
      : { status: 201, body: { message: "taken", ...this.#sums(by) } };
  }

  #bad(status: number, code: string, by: User, headers: Answer["headers"] = {}): Answer {
    const missed = this.count - this.#taken;
    const fault: Fault = { code, message: `${missed} of ${this.count} events were not taken: see errors` };
    return this.#beside(errorAnswer(status, fault, headers), by);
  }

  #beside(answer: Answer, by: User): Answer {
    return { ...answer, body: { ...(isJsonObject(answer.body) ? answer.body : {}), ...this.#sums(by) } };
  }

  #sums(by: User): JsonObject {
    const [mode = null, another] = this.#modes;
    return {
      user_id: by.id,
      processed_count: this.#taken,
      total_events: this.count,
      mode: another === undefined ? mode : "mixed",
      ...(this.#faults.length === 0 ? {} : { errors: this.#faults }),
      results: this.#results,
    };
  }
}

/** Where a taken event is. An offset beyond what a JSON number holds for sure is a text. */
export function whereOf({ mode, partition, offset }: Receipt & { kind: "taken" }): JsonObject {
  return {
    mode,
    ...(partition === undefined ? {} : { partition }),
    ...(offset === undefined ? {} : { offset: exact(offset) }),
  };
}

function exact(offset: bigint): number | string {
  const value = narrow(offset);
  return typeof value === "bigint" ? String(value) : value;
}
