import { connect, type Socket } from "node:net";
import postgres from "postgres";
import { ClusterflowError } from "../core/errors.ts";
import type { DatabaseSettings } from "../config/parts.ts";
import { isServerError } from "./errors.ts";
import { tlsOptions } from "./tls.ts";

export type Parameter = string | number | bigint | boolean | null;
export type Row = Readonly<Record<string, unknown>>;

export interface QueryOptions {
  /** Milliseconds after which the answer is given up and the connection closed; its outcome is then unknown. */
  readonly deadlineMs?: number;
}

const CONNECT_TIMEOUT_S = 10;
const DEADLINE_MS = 60_000;

/**
 * One connection to PostgreSQL that keeps the driver's known faults out (sink-anchors section 5, reliability-anchors
 * section 0): a client of one connection, one statement in flight, constant prepared text, parameters checked before
 * they are sent (a parameter that fails inside the driver shifts every later answer by one), a deadline on every
 * answer, and the client thrown away after any error that is not the server's own answer. No transaction blocks:
 * whatever has to happen together is one statement.
 */
export class Connection implements AsyncDisposable {
  readonly settings: DatabaseSettings;
  readonly #name: string;
  #client: Client | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** `name` is the application_name that `pg_stat_activity` shows. */
  constructor(settings: DatabaseSettings, name: string) {
    this.settings = settings;
    this.#name = name;
  }

  /** Runs one statement after those before it; rejects with the server's error, or with a connection error. */
  async query(
    text: string,
    parameters: readonly Parameter[] = [],
    options: QueryOptions = {},
  ): Promise<readonly Row[]> {
    parameters.forEach(checkParameter);
    const turn = this.#last.then(() => this.#run(text, parameters, options.deadlineMs ?? DEADLINE_MS));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Runs a script of several statements, as one transaction (the simple protocol's own rule). */
  async script(text: string): Promise<void> {
    const turn = this.#last.then(() =>
      this.#guard((client) => client.unsafe(text).simple(), 10 * DEADLINE_MS),
    );
    this.#last = turn.catch(() => undefined);
    await turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    const client = this.#client;
    this.#client = null;
    await client?.end({ timeout: 2 });
  }

  async #run(text: string, parameters: readonly Parameter[], deadlineMs: number): Promise<readonly Row[]> {
    return this.#guard(
      (client) => client.unsafe<Row[]>(text, parameters.map(toDriver), { prepare: true }),
      deadlineMs,
    );
  }

  async #guard<T>(call: (client: Client) => Promise<T>, deadlineMs: number): Promise<T> {
    this.#client ??= openClient(this.settings, this.#name);
    const client = this.#client;
    try {
      return await withDeadline(call(client), deadlineMs);
    } catch (error) {
      if (!isServerError(error)) this.#discard(client);
      throw error;
    }
  }

  #discard(client: Client): void {
    if (this.#client === client) this.#client = null;
    client.end({ timeout: 0 }).catch(() => undefined);
  }
}

type Client = postgres.Sql<{ bigint: bigint }>;

function openClient(settings: DatabaseSettings, name: string): Client {
  // the driver's types do not know `socket`
  const options: postgres.Options<{ bigint: postgres.PostgresType<bigint> }> & {
    socket: () => Promise<Socket>;
  } = {
    host: settings.host,
    port: settings.port,
    database: settings.database,
    username: settings.user,
    // "" and not undefined: left out, the driver would look for a password in the environment
    password: settings.password ?? "",
    ssl: tlsOptions(settings),
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_S,
    fetch_types: false,
    types: { bigint: postgres.BigInt },
    onnotice: () => undefined,
    backoff: () => 0, // the callers wait by themselves
    connection: { application_name: name, TimeZone: "UTC", idle_in_transaction_session_timeout: 60_000 },
    // the driver never sets TCP_NODELAY; without it every small batch waits 40 ms for Nagle
    socket: () => openSocket(settings),
  };
  return postgres(options);
}

async function openSocket(settings: DatabaseSettings): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: settings.host, port: settings.port, noDelay: true, keepAlive: true });
    socket.setTimeout(CONNECT_TIMEOUT_S * 1000, () => socket.destroy(new DeadlineError("no connection")));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      resolve(Object.assign(socket, { host: settings.host, port: settings.port }));
    });
  });
}

/** An answer that did not come in time: the statement may or may not have been carried out. */
class DeadlineError extends Error {
  readonly code = "CLUSTERFLOW_DEADLINE";
}

async function withDeadline<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
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
