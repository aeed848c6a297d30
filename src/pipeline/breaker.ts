import { ClusterflowError } from "../core/errors.ts";
import type { Rejected } from "./judge.ts";
import type { RawRecord } from "./ports.ts";

const LOOK = 'SELECT partition, "offset", reason FROM clusterflow.dead_letters ORDER BY id DESC LIMIT 10';
const LET_PASS = "clusterflow consume --max-poison 0 lets all such records go to the dead letters";

/**
 * Stands between a flood and the dead letters. When one record after the other is refused it is not the records:
 * somebody named the wrong topic, or altered the table. One for all partitions of a process; counts what is down, so
 * a few more than the limit may go where several partitions are written at the same moment.
 */
export class Breaker {
  readonly #limit: number;
  /** In a row, without one between them that the stream accepted. */
  #undecoded = 0;
  /** In a row, without one between them that was stored. */
  #unstored = 0;
  #lastReason = "";

  /** Records in a row that may be refused; 0 lets all of them be. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether PostgreSQL refused so many in a row that the next one has to wait. */
  get isOpen(): boolean {
    return this.#limit > 0 && this.#unstored >= this.#limit;
  }

  /** How many of the records may be written, from the first on, before too many in a row were refused by the stream. */
  roomFor(records: readonly RawRecord[], rejected: readonly Rejected[]): number {
    if (this.#limit === 0 || this.#undecoded + rejected.length <= this.#limit) return records.length;
    let inARow = this.#undecoded;
    let next = 0;
    for (const [index, record] of records.entries()) {
      const isRejected = rejected[next]?.record === record;
      if (isRejected && inARow >= this.#limit) return index;
      inARow = isRejected ? inARow + 1 : 0;
      if (isRejected) next += 1;
    }
    return records.length;
  }

  /** These records are stored, but for the rejected ones, which are dead letters now. */
  noteDown(records: readonly RawRecord[], rejected: readonly Rejected[]): void {
    const last = rejected.at(-1);
    if (last !== undefined) this.#lastReason = last.reason;
    if (records.length > rejected.length) this.#unstored = 0;
    if (last?.stage === "write") {
      this.#unstored += 1; // it comes alone, and the stream had accepted it
      this.#undecoded = 0;
    } else {
      this.#undecoded = rejectedAtEnd(records, rejected, this.#undecoded);
    }
  }

  /** Trying again would not help: the bytes stay what they are. */
  undecodable(topic: string): ClusterflowError {
    return new ClusterflowError(
      `${this.#undecoded} records in a row of topic "${topic}" cannot be read, the last one: ${this.#lastReason}`,
      { code: "wrong", hint: `is KAFKA_TOPIC (--topic) right? ${LOOK}; ${LET_PASS}` },
    );
  }

  /** Whoever altered the table may alter it back, so this is waited for. */
  unstorable(server: string, reason: string, sqlstate: string | null): ClusterflowError {
    return new ClusterflowError(
      `${server}: it refused ${this.#unstored} records in a row, and refuses the next one: ${reason}`,
      {
        code: "wrong",
        retryable: true,
        hint: `was the table altered? ${LOOK}; ${LET_PASS}`,
        ...(sqlstate === null ? {} : { vendorCode: sqlstate }),
      },
    );
  }
}

/** How many in a row the stream refused when these records are behind `before` others that it refused. */
function rejectedAtEnd(records: readonly RawRecord[], rejected: readonly Rejected[], before: number): number {
  if (rejected.length === records.length) return before + rejected.length;
  let count = 0;
  while (count < rejected.length && rejected.at(-1 - count)?.record === records.at(-1 - count)) count += 1;
  return count;
}
