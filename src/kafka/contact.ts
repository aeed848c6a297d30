import { ClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";

/** Troubles shorter than this are part of every start and every rebalance, and not worth a line. */
const WORTH_TELLING_MS = 1_000;

/** Whether a server answers. However often it is said to be away, that is told once, and its return once. */
export class Contact {
  readonly #name: string;
  readonly #tell: Tell;
  #lostAt: number | null = null;
  #reason = "";
  #isTold = false;

  constructor(name: string, tell: Tell) {
    this.#name = name;
    this.#tell = tell;
  }

  /** Milliseconds since the server was first found to be away; 0 while it answers. */
  get awayMs(): number {
    return this.#lostAt === null ? 0 : Date.now() - this.#lostAt;
  }

  /** Something went wrong that may mean nothing; the reason counts until a better one is known. */
  suspect(reason: string): void {
    if (this.#lostAt === null) this.#reason = reason;
    this.#lostAt ??= Date.now();
    this.tellWhenDue();
  }

  lost(reason: string): void {
    this.#lostAt ??= Date.now();
    this.#reason = reason;
    this.tellWhenDue();
  }

  found(): void {
    if (this.#isTold) this.#tell({ kind: "resumed", for: this.#name, afterMs: this.awayMs });
    this.#lostAt = null;
    this.#isTold = false;
  }

  /** To be called now and then: a single trouble may last without anything happening. */
  tellWhenDue(): void {
    if (this.#isTold || this.#lostAt === null || this.awayMs < WORTH_TELLING_MS) return;
    this.#isTold = true;
    this.#tell({ kind: "waiting", for: this.#name, reason: this.#reason });
  }

  /** The error of a run that waited long enough. */
  givenUp(): ClusterflowError {
    return new ClusterflowError(`${this.#reason} (given up after ${Math.round(this.awayMs / 1000)} s)`, {
      code: "unreachable",
      hint: "is the broker running? clusterflow local status",
    });
  }
}
