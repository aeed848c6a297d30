import { createHash } from "node:crypto";
import type { RawRecord } from "../ports.ts";
import type { DeadLetterEvidence } from "./offsets.ts";

/** A dead letter by its hashes: SHA-256 as hexadecimal digits, null for a key or value that is null. */
export interface DeadLetter {
  readonly offset: bigint;
  readonly keyHash: string | null;
  readonly valueHash: string | null;
}

/** Offsets that are named at most; one that is wrong fails the check as well as a million. */
const NAMED = 20;

/**
 * Compares one partition's dead letters with the records themselves. Pages of dead letters are expected as the reading
 * comes to them, so only one page is held.
 */
export class DeadLetterComparison {
  readonly #page = new Map<bigint, DeadLetter>();
  readonly #different: bigint[] = [];
  readonly #orphaned: bigint[] = [];

  /** What lies before has been read: those that were expected there and did not come never will. */
  expect(page: readonly DeadLetter[]): void {
    this.#settle();
    for (const letter of page) this.#page.set(letter.offset, letter);
  }

  /** True when the record is one of the dead letters. */
  meets(record: RawRecord): boolean {
    const letter = this.#page.get(record.offset);
    if (letter === undefined) return false;
    this.#page.delete(record.offset);
    const isSame = letter.keyHash === hashOf(record.key) && letter.valueHash === hashOf(record.value);
    if (!isSame && this.#different.length < NAMED) this.#different.push(record.offset);
    return true;
  }

  result(rows: bigint, unreadable: bigint): DeadLetterEvidence {
    this.#settle();
    return { rows, unreadable, different: this.#different, orphaned: this.#orphaned };
  }

  #settle(): void {
    for (const offset of this.#page.keys()) if (this.#orphaned.length < NAMED) this.#orphaned.push(offset);
    this.#page.clear();
  }
}

function hashOf(bytes: Buffer | null): string | null {
  return bytes === null ? null : createHash("sha256").update(bytes).digest("hex");
}
