import { ClusterflowError } from "../../core/errors.ts";
import { isState, type State, type Step } from "../../pipeline/cutover/states.ts";
import type { Position } from "../../pipeline/cutover/lost.ts";
import type { Connection, Parameter, Row } from "../connection.ts";
import { codeOf, toDatabaseError } from "../errors.ts";
import { literal } from "./row-text.ts";
import { SCHEMA } from "./schema.ts";
import type { SourceTable } from "./source-table.ts";

/** Where a cut-over is. */
export interface Cutover {
  readonly stream: string;
  readonly state: State;
  readonly since: Date;
  readonly table: SourceTable["table"];
  readonly timeZone: string;
  readonly topic: string;
  readonly position: Position;
  /** Texts of the key's columns; null before the history was looked at, or where there is none. */
  readonly historyEnd: readonly string[] | null;
  readonly historyAt: readonly string[] | null;
  readonly backfilled: bigint;
  readonly retireAfter: Date | null;
  readonly epoch: bigint;
}

export interface Counts {
  readonly waiting: bigint;
  readonly refilled: bigint;
  readonly leftOver: bigint;
  /** `UPDATE of 3 rows`; null when nothing but inserts happened. */
  readonly changes: string | null;
}

/** A holder that is not heard of for so long has died; it says so three times in this time. */
const LEASE_MS = 9_000;
export const RENEW_MS = LEASE_MS / 3;

const LOOK = `
  SELECT stream, state, since, table_schema, table_name, time_zone, topic, topic_id, judged_to::text,
         history_end::text, history_at::text, backfilled, retire_after, epoch
    FROM clusterflow_cutover.cutovers WHERE stream = $1`;

const OTHER = `
  SELECT stream FROM clusterflow_cutover.cutovers
   WHERE stream <> $1 AND table_schema = $2 AND table_name = $3 AND state NOT IN ('pg-only', 'rolled-back', 'retired')`;

const BEGIN = `
  INSERT INTO clusterflow_cutover.cutovers (stream, table_schema, table_name, time_zone, topic)
  VALUES ($1, $2, $3, $4, $5) ON CONFLICT (stream) DO NOTHING`;

const TAKE = `
  UPDATE clusterflow_cutover.cutovers
     SET epoch = epoch + 1, owner = $2, held_until = clock_timestamp() + interval '${LEASE_MS} milliseconds'
   WHERE stream = $1 AND held_until < clock_timestamp()
  RETURNING epoch`;

const RENEW = `
  UPDATE clusterflow_cutover.cutovers
     SET held_until = clock_timestamp() + interval '${LEASE_MS} milliseconds'
   WHERE stream = $1 AND epoch = $2
  RETURNING epoch`;

const RELEASE = `
  UPDATE clusterflow_cutover.cutovers SET held_until = '-infinity', owner = NULL WHERE stream = $1 AND epoch = $2`;

const COUNTS = `
  SELECT (SELECT count(*) FROM clusterflow_cutover.outbox WHERE stream = $1) AS waiting,
         (SELECT count(*) FROM clusterflow_cutover.refilled WHERE stream = $1) AS refilled,
         (SELECT count(*) FROM clusterflow_cutover.left_over WHERE stream = $1) AS left_over,
         (SELECT string_agg(what || coalesce(' of ' || rows || ' rows', ''), ', ')
            FROM (SELECT what, sum(rows) AS rows FROM clusterflow_cutover.changes
                   WHERE stream = $1 GROUP BY what ORDER BY what) AS c) AS changes`;

/** Null for a stream whose table nobody began to move, also where the schema is missing. */
export async function lookAtCutover(connection: Connection, stream: string): Promise<Cutover | null> {
  try {
    const [row] = await connection.query(LOOK, [stream]);
    return row === undefined ? null : cutoverOf(row);
  } catch (error) {
    if (codeOf(error) === "42P01" || codeOf(error) === "3F000") return null;
    throw toDatabaseError(error, connection.settings);
  }
}

/** The stream that a table is on its way to already, if it is another one than this. */
export async function otherStreamOf(
  connection: Connection,
  stream: string,
  table: SourceTable["table"],
): Promise<string | null> {
  try {
    const [row] = await connection.query(OTHER, [stream, ...table]);
    return row === undefined ? null : String(row["stream"]);
  } catch (error) {
    if (codeOf(error) === "42P01" || codeOf(error) === "3F000") return null;
    throw toDatabaseError(error, connection.settings);
  }
}

export async function beginCutover(
  connection: Connection,
  stream: string,
  source: SourceTable,
  topic: string,
): Promise<void> {
  if ((await lookAtCutover(connection, stream)) !== null) return;
  await ask(connection, async () => {
    const [row] = await connection.query(
      "SELECT to_regclass('clusterflow_cutover.left_over') IS NULL AS missing",
    );
    if (row?.["missing"] === true) await connection.script(SCHEMA);
    await connection.query(BEGIN, [stream, ...source.table, source.timeZone, topic]);
  });
}

/** The epoch that entitles to change something; or who holds the cut-over. */
export async function takeCutover(
  connection: Connection,
  stream: string,
  owner: string,
): Promise<{ readonly epoch: bigint } | { readonly heldBy: string }> {
  return ask(connection, async () => {
    const [row] = await connection.query(TAKE, [stream, owner]);
    if (row !== undefined) return { epoch: BigInt(String(row["epoch"])) };
    const [other] = await connection.query(
      "SELECT coalesce(owner, '') AS owner FROM clusterflow_cutover.cutovers WHERE stream = $1",
      [stream],
    );
    return { heldBy: String(other?.["owner"]) };
  });
}

/** Throws `fenced` when somebody else has it. */
export async function renewCutover(connection: Connection, stream: string, epoch: bigint): Promise<void> {
  const rows = await ask(connection, () => connection.query(RENEW, [stream, epoch]));
  if (rows.length === 0) throw taken(stream);
}

export async function releaseCutover(connection: Connection, stream: string, epoch: bigint): Promise<void> {
  await ask(connection, () => connection.query(RELEASE, [stream, epoch]));
}

export async function countsOf(connection: Connection, stream: string): Promise<Counts> {
  const [row] = await ask(connection, () => connection.query(COUNTS, [stream]));
  const changes = row?.["changes"];
  return {
    waiting: BigInt(String(row?.["waiting"])),
    refilled: BigInt(String(row?.["refilled"])),
    leftOver: BigInt(String(row?.["left_over"])),
    changes: typeof changes === "string" ? changes : null,
  };
}

/** What is written with a step; `set` are assignments in SQL, and `first` statements that go before them. */
export interface Noted {
  readonly step: Step;
  readonly state: State;
  readonly ends: ReadonlyMap<number, bigint>;
  readonly set?: readonly string[];
  readonly first?: string;
}

/** One transaction: whatever goes first, the new state, and the line in the history; or nothing of it, when fenced. */
export async function note(
  connection: Connection,
  { stream, epoch }: Pick<Cutover, "stream" | "epoch">,
  { step, state, ends, set = [], first = "" }: Noted,
): Promise<void> {
  const ended = literal(offsetsJson(ends));
  const assignments = [
    `since = CASE WHEN state = ${literal(state)} THEN since ELSE now() END`,
    `state = ${literal(state)}`,
    ...set,
  ];
  const script = `
    SELECT set_config('lock_timeout', '3s', true);
    SELECT clusterflow_cutover.hold(${literal(stream)}, ${epoch});
    ${first}
    UPDATE clusterflow_cutover.cutovers SET ${assignments.join(", ")} WHERE stream = ${literal(stream)};
    INSERT INTO clusterflow_cutover.steps (stream, step, state, ends)
    VALUES (${literal(stream)}, ${literal(step)}, ${literal(state)}, ${ended});`;
  await ask(connection, () => connection.script(script));
}

/** A change without a step of its own: `text` has to be one statement that is fenced by `stream = $1 AND epoch = $2`. */
export async function change(
  connection: Connection,
  { stream, epoch }: Pick<Cutover, "stream" | "epoch">,
  set: string,
  parameters: readonly Parameter[],
): Promise<void> {
  const text = `UPDATE clusterflow_cutover.cutovers SET ${set} WHERE stream = $1 AND epoch = $2 RETURNING epoch`;
  const rows = await ask(connection, () => connection.query(text, [stream, epoch, ...parameters]));
  if (rows.length === 0) throw taken(stream);
}

export function offsetsJson(offsets: ReadonlyMap<number, bigint>): string {
  return JSON.stringify(
    Object.fromEntries([...offsets].map(([partition, at]) => [partition, at.toString()])),
  );
}

export function taken(stream: string): ClusterflowError {
  return new ClusterflowError(
    `another process has taken the cut-over of ${stream}; this one changed nothing since`,
    {
      code: "fenced",
      hint: `clusterflow cutover status --stream ${stream}`,
    },
  );
}

async function ask<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === "UF002") throw taken((error as Error).message.replace(/.* of /, ""));
    throw toDatabaseError(error, connection.settings);
  }
}

function cutoverOf(row: Row): Cutover {
  const text = (column: string): string => String(row[column]);
  const json = (column: string): unknown => (row[column] === null ? null : JSON.parse(text(column)));
  const state = text("state");
  if (!isState(state)) throw new RangeError(`a cut-over in a state that is none: ${state}`);
  return {
    stream: text("stream"),
    state,
    since: new Date(text("since")),
    table: [text("table_schema"), text("table_name")],
    timeZone: text("time_zone"),
    topic: text("topic"),
    position: {
      topicId: row["topic_id"] === null ? null : text("topic_id"),
      from: offsetsOf(json("judged_to")),
    },
    historyEnd: json("history_end") as readonly string[] | null,
    historyAt: json("history_at") as readonly string[] | null,
    backfilled: BigInt(text("backfilled")),
    retireAfter: row["retire_after"] === null ? null : new Date(text("retire_after")),
    epoch: BigInt(text("epoch")),
  };
}

function offsetsOf(json: unknown): ReadonlyMap<number, bigint> {
  return new Map(
    Object.entries((json ?? {}) as Readonly<Record<string, string>>).map(([partition, at]) => [
      Number(partition),
      BigInt(at),
    ]),
  );
}
