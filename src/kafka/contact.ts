import { ClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { unobserved, type Observe } from "../pipeline/observe.ts";
import { withoutName } from "../pipeline/outage.ts";

/** Troubles shorter than this are part of every start and every rebalance, and not worth a line. */
const WORTH_TELLING_MS = 1_000;
/** The most that a silent server may have been away already when its silence was noticed. */
const SILENCE_MS = 5_000;

/** Whether a server answers. However often it is said to be away, that is told once, and its return once. */
export class Contact {
  readonly #name: string;
  readonly #tell: Tell;
  readonly #hint: string;
  readonly #observe: Observe;
  #foundAt = performance.now();
  #lostAt: number | null = null;
  #reason = "";
  #isTold = false;

  constructor(name: string, tell: Tell, hint: string, observe: Observe = unobserved) {
    this.#name = name;
    this.#tell = tell;
    this.#hint = hint;
    this.#observe = observe;
  }

  /** Milliseconds since the server was first found to be away; 0 while it answers. */
  get awayMs(): number {
    return this.#lostAt === null ? 0 : performance.now() - this.#lostAt;
  }

  /** Something went wrong that may mean nothing; the reason counts until a better one is known. */
  suspect(reason: string): void {
    if (this.#lostAt === null) this.#reason = reason;
    this.#lose();
  }

  lost(reason: string): void {
    this.#reason = withoutName(reason, this.#name);
    this.#lose();
  }

  #lose(): void {
    // it may have been away since it last answered; we, too, may have slept
    this.#lostAt ??= Math.max(this.#foundAt, performance.now() - SILENCE_MS);
    this.tellWhenDue();
  }

  found(): void {
    this.#foundAt = performance.now();
    if (this.#isTold) {
      this.#tell({ kind: "resumed", for: this.#name, afterMs: this.awayMs });
      this.#observe({ kind: "back", server: this.#name });
    }
    this.#lostAt = null;
    this.#isTold = false;
  }

  /** To be called now and then: a single trouble may last without anything happening. */
  tellWhenDue(): void {
    if (this.#isTold || this.#lostAt === null || this.awayMs < WORTH_TELLING_MS) return;
    this.#isTold = true;
    this.#tell({ kind: "waiting", for: this.#name, reason: this.#reason });
    this.#observe({ kind: "away", server: this.#name });
  }

  /** The error of a run that waited long enough. */
  givenUp(): ClusterflowError {
    return new ClusterflowError(
      `${this.#name}: ${this.#reason} (given up after ${Math.round(this.awayMs / 1000)} s)`,
      { code: "unreachable", hint: this.#hint },
    );
  }
}
