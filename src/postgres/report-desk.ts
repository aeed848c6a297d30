import type { DatabaseSettings } from "../config/parts.ts";
import { Connection, type Row } from "./connection.ts";
import { codeOf, toDatabaseError } from "./errors.ts";

/** Reports that run at a time, each on a connection of its own: events have theirs. */
const AT_ONCE = 3;
const WAITING = 30;
/** The server's own, so that a report which nobody waits for any more ends there, too. */
const STATEMENT_MS = 10_000;
/** For its answer to come here. */
const WAY_MS = 2_000;
const QUERY_CANCELED = "57014";

/** The rows of a report, or why there are none for now. */
export type DeskAnswer =
  { readonly kind: "rows"; readonly rows: readonly Row[] } | { readonly kind: "busy" | "slow" };

/** Asks the database for reports: few at a time, read-only, and none for long. */
export class ReportDesk implements AsyncDisposable {
  readonly #statementMs: number;
  readonly #connections: readonly Connection[];
  readonly #free: Connection[];
  readonly #waiting: ((connection: Connection) => void)[] = [];

  constructor(settings: DatabaseSettings, statementMs = STATEMENT_MS) {
    this.#statementMs = statementMs;
    const open = (): Connection => new Connection(settings, "clusterflow ingest (reports)");
    this.#connections = Array.from({ length: AT_ONCE }, open);
    this.#free = [...this.#connections];
  }

  async ask(text: string, parameters: readonly (string | null)[], signal: AbortSignal): Promise<DeskAnswer> {
    const connection = await this.#seat();
    if (connection === null) return { kind: "busy" };
    try {
      const statementMs = this.#statementMs;
      const answer = { deadlineMs: statementMs + WAY_MS, signal };
      const rows = await connection.read(text, parameters, { statementMs }, answer);
      return { kind: "rows", rows };
    } catch (error) {
      if (codeOf(error) === QUERY_CANCELED) return { kind: "slow" };
      throw toDatabaseError(error, connection.settings);
    } finally {
      this.#leave(connection);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection[Symbol.asyncDispose]()));
  }

  async #seat(): Promise<Connection | null> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#waiting.length >= WAITING) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #leave(connection: Connection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(connection);
    else next(connection);
  }
}
