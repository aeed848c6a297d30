import { toClusterflowError } from "../../core/errors.ts";
import { judge } from "../../pipeline/judge.ts";
import type { Outcome, Store } from "../../pipeline/ingest/ports.ts";
import { isProbe } from "../../pipeline/probe.ts";
import { throughOutages } from "../../pipeline/outage.ts";
import type { RawRecord } from "../../pipeline/ports.ts";
import type { OutgoingMessage, Stream } from "../../streams/define.ts";
import type { Connection } from "../connection.ts";
import { databaseName, failureOf, rootOf, toDatabaseError } from "../errors.ts";
import { rowParameters } from "./columns.ts";
import { insertClauses } from "./statement.ts";

/** Somebody waits for the answer; a second try finds what the first one stored. */
const DEADLINE_MS = 5_000;
const GIVE_UP_MS = 2_000;
const RETRY_AFTER_S = 5;

export interface DirectTablesOptions {
  /** Its target has to be tables. */
  readonly stream: Stream;
  /** The store's own; whoever opened it closes it. */
  readonly connection: Connection;
  readonly onFailure: (reason: string) => void;
}

/**
 * The path without Kafka for streams of tables: the consumer's decoding, mapping and identity, one statement for a
 * group. An event that comes again, this way or through Kafka, finds itself there.
 */
export function openDirectTables(options: DirectTablesOptions): Store {
  const { target } = options.stream;
  if (target.kind !== "tables") throw new RangeError(`stream ${options.stream.name} has no tables`);
  const statement = `WITH fence AS (SELECT 1)${insertClauses(target.tables, 1)}\nSELECT count(*)::integer AS done FROM fence`;
  const writing = { ...options, statement, parametersOf: rowParameters(target) };
  return async (messages) => {
    if (!messages.some(isProbe)) return await store(messages, writing);
    const outcomes = await store(
      messages.filter((message) => !isProbe(message)),
      writing,
    );
    const next = outcomes.values();
    return messages.map((message) => (isProbe(message) ? NO_PROBE : (next.next().value ?? NO_PROBE)));
  };
}

/** It would prove nothing here: what it asks is whether it comes through Kafka. */
const NO_PROBE: Outcome = {
  kind: "refused",
  reason: "a probe goes through Kafka, and events go straight to PostgreSQL here",
};

interface Writing extends DirectTablesOptions {
  readonly statement: string;
  readonly parametersOf: ReturnType<typeof rowParameters>;
}

async function store(messages: readonly OutgoingMessage[], writing: Writing): Promise<readonly Outcome[]> {
  try {
    await insert(messages, writing);
    return messages.map((): Outcome => ({ kind: "direct" }));
  } catch (thrown) {
    if (failureOf(rootOf(thrown)) === "data") return await refuse(messages, thrown, writing);
    writing.onFailure(toClusterflowError(thrown).message);
    const reason = "the database did not take it in time";
    return messages.map((): Outcome => ({ kind: "unavailable", retryAfterS: RETRY_AFTER_S, reason }));
  }
}

async function insert(
  messages: readonly OutgoingMessage[],
  { stream, connection, statement, parametersOf }: Writing,
): Promise<void> {
  const { sheets, rejected } = judge(stream, messages.map(toRecord));
  // what was posted was decoded before; refused now, it must not pass for stored
  if (rejected[0] !== undefined) throw new Error(`an event that was taken is refused: ${rejected[0].reason}`);
  const parameters = parametersOf(sheets);
  const call = async (signal: AbortSignal): Promise<void> => {
    try {
      await connection.query(statement, parameters, { deadlineMs: DEADLINE_MS, signal });
    } catch (error) {
      throw toDatabaseError(error, connection.settings);
    }
  };
  const name = databaseName(connection.settings);
  const { signal } = new AbortController();
  await throughOutages(call, { name, tell: () => undefined, signal, giveUpAfterMs: GIVE_UP_MS });
}

/** One event that PostgreSQL refuses must not cost its neighbours: it is found by halving. */
async function refuse(
  messages: readonly OutgoingMessage[],
  thrown: unknown,
  writing: Writing,
): Promise<readonly Outcome[]> {
  if (messages.length <= 1)
    return messages.map(() => ({ kind: "refused", reason: `the database refuses it (${codeOf(thrown)})` }));
  const half = Math.floor(messages.length / 2);
  const left = await store(messages.slice(0, half), writing);
  return [...left, ...(await store(messages.slice(half), writing))];
}

function codeOf(thrown: unknown): string {
  return `SQLSTATE ${toClusterflowError(thrown).vendorCode ?? "unknown"}`;
}

function toRecord({ key, value, headers }: OutgoingMessage): RawRecord {
  return {
    topic: "",
    partition: -1,
    offset: -1n,
    timestamp: Date.now(),
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers: Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const),
  };
}
