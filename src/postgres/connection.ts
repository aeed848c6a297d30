import { settlesWithin } from "../core/bounded.ts";
import { Deadline } from "../core/deadline.ts";
import { ClusterflowError } from "../core/errors.ts";
import type { Tell } from "../core/report.ts";
import { unlessSilent } from "../pipeline/silence.ts";
import type { DatabaseSettings } from "../config/parts.ts";
import { boundedRead, type ReadLimits } from "./bounded-read.ts";
import { discardClient, isAnswering, openClient, type Client } from "./client.ts";
import { endsSession } from "./errors.ts";

export type Parameter = string | number | bigint | boolean | null;
export type Row = Readonly<Record<string, unknown>>;

export interface QueryOptions {
  /** Milliseconds after which the answer is given up and the connection closed; its outcome is then unknown. */
  readonly deadlineMs?: number;
  /** Gives the answer up in the same way when it fires. */
  readonly signal?: AbortSignal;
}

const DEADLINE_MS = 60_000;
/** An answer that takes longer makes us look whether the server is there at all. */
const QUIET_MS = 2_000;
/** Closing has so long altogether: of a process that ends within 10 s it is the last part, and there may be two. */
const GOODBYE_MS = 700;

/**
 * One connection to PostgreSQL that keeps the driver's known faults out (sink-anchors section 5, reliability-anchors
 * section 0): a client of one connection, one statement in flight, constant prepared text, parameters checked before
 * they are sent (a parameter that fails inside the driver shifts every later answer by one), a deadline on every
 * answer and a look at the server while one is awaited, and the client thrown away after any error that is not the
 * server's own answer. No transaction blocks: whatever has to happen together is one statement.
 */
export class Connection implements AsyncDisposable {
  readonly settings: DatabaseSettings;
  readonly #name: string;
  readonly #tell: Tell;
  #client: Client | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** `name` is the application_name that `pg_stat_activity` shows; `tell` hears what the database's functions warn of. */
  constructor(settings: DatabaseSettings, name: string, tell: Tell = () => undefined) {
    this.settings = settings;
    this.#name = name;
    this.#tell = tell;
  }

  /** Runs one statement after those before it; rejects with the server's error, or with a connection error. */
  async query(
    text: string,
    parameters: readonly Parameter[] = [],
    options: QueryOptions = {},
  ): Promise<readonly Row[]> {
    parameters.forEach(checkParameter);
    return this.#inTurn(
      ({ sql }) =>
        sql.unsafe<Row[]>(text, parameters.map(toDriver), { prepare: this.settings.prepared ?? true }),
      options,
    );
  }

  /** Runs one statement that may only read, and that the server itself ends after a while. */
  async read(
    text: string,
    parameters: readonly (string | null)[],
    limits: ReadLimits,
    options: QueryOptions = {},
  ): Promise<readonly Row[]> {
    parameters.forEach(checkParameter);
    const script = boundedRead(text, parameters, limits);
    const results = await this.#inTurn(({ sql }) => sql.unsafe<Row[][]>(script).simple(), options);
    return results.at(-1) ?? [];
  }

  /** Runs a script of several statements, as one transaction (the simple protocol's own rule). */
  async script(text: string, options: QueryOptions = {}): Promise<void> {
    await this.#inTurn(({ sql }) => sql.unsafe(text).simple(), options);
  }

  /**
   * Says goodbye, to a server that hears it; what is still being awaited is given up after a moment. Somebody who was
   * given up himself may still ask for more: he gets no new session, which nobody would ever close.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const deadline = new Deadline(GOODBYE_MS);
    await settlesWithin(this.#last, deadline.leftMs);
    const client = this.#client;
    this.#client = null;
    if (client !== null) await discardClient(client, deadline.leftMs);
  }

  async #inTurn<T>(call: (client: Client) => Promise<T>, options: QueryOptions): Promise<T> {
    const turn = this.#last.then(() => this.#guard(call, options));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #guard<T>(call: (client: Client) => Promise<T>, options: QueryOptions): Promise<T> {
    const { deadlineMs = DEADLINE_MS, signal = new AbortController().signal } = options;
    signal.throwIfAborted();
    if (this.#isClosed) throw new ClusterflowError("the connection is closed", { code: "unexpected" });
    const warn = (text: string): void => this.#tell({ kind: "warning", text });
    this.#client ??= openClient(this.settings, this.#name, warn);
    const client = this.#client;
    try {
      return await unlessSilent(() => call(client), {
        quietMs: QUIET_MS,
        deadlineMs,
        isAnswering: () => isAnswering(this.settings),
        signal,
      });
    } catch (error) {
      if (endsSession(error)) this.#discard(client);
      throw error;
    }
  }

  #discard(client: Client): void {
    if (this.#client === client) this.#client = null;
    void discardClient(client, 0);
  }
}

function checkParameter(parameter: Parameter, index: number): void {
  if (typeof parameter !== "string") return;
  if (parameter.includes("\u0000") || !parameter.isWellFormed()) {
    throw new ClusterflowError(`parameter ${index + 1} holds a NUL character or half of a surrogate pair`, {
      code: "data",
      vendorCode: "22021",
    });
  }
}

function toDriver(parameter: Parameter): string | number | boolean | null {
  return typeof parameter === "bigint" ? parameter.toString() : parameter;
}
