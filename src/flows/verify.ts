import type { ConsumerSettings } from "../config/consumer.ts";
import type { DatabaseSettings } from "../config/parts.ts";
import { ClusterflowError, toClusterflowError } from "../core/errors.ts";
import { sleep } from "../core/signal.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { conclude, type Findings, type Proof } from "../pipeline/proof/proof.ts";
import type { Selection } from "../pipeline/proof/snapshot/choose.ts";
import { Connection } from "../postgres/connection.ts";
import type { Stream } from "../streams/define.ts";
import type { FlowRun } from "./run.ts";
import { verifyFromDatabase } from "./verify/from-database.ts";
import { verifyLive, type LiveOptions } from "./verify/live.ts";
import { verifyTables } from "./verify/tables.ts";
import { verifyThroughKafka } from "./verify/through-kafka.ts";

/** Where there is no Kafka, the database alone is looked at. */
export type VerifySettings =
  ConsumerSettings | { readonly database: DatabaseSettings; readonly kafka?: never };

export interface VerifyOptions {
  /** Whose messages are counted; left out, snapshots of clusters are compared. */
  readonly stream?: Stream;
  /** The snapshot to compare object by object; without it the latest. */
  readonly snapshot?: string | null;
  /** Compares every sealed snapshot. */
  readonly all?: boolean;
  /** Sends probes and looks whether they come through, instead of looking at what is there. */
  readonly live?: LiveOptions;
  /** Milliseconds for which what is in flight, or a server that is away, is waited for; without it not at all. */
  readonly waitMs?: number;
}

const SHORTEST_PAUSE_MS = 500;

/**
 * Proves, in numbers, that what was collected is stored, once; or says what is wrong, or what is still on its way.
 * Reads only: no group is joined, no offset moves, no row changes. Throws when a server cannot be reached.
 */
export async function verify(
  settings: VerifySettings,
  options: VerifyOptions,
  run: Pick<FlowRun, "tell" | "signal">,
): Promise<Proof> {
  await using connection = new Connection(settings.database, "clusterflow verify");
  if (options.live !== undefined && options.stream !== undefined && settings.kafka !== undefined)
    return conclude(await verifyLive(settings, options.stream, options.live, connection, run), new Date());
  const until = Date.now() + (options.waitMs ?? 0);
  for (let isTold = false; ; isTold = true) {
    const begun = Date.now();
    const proof = conclude(await reached(settings, options, connection, run, until), new Date());
    const leftMs = until - Date.now();
    if (proof.verdict !== "in-flight" || leftMs <= 0) return proof;
    if (!isTold) run.tell({ kind: "notice", text: `${proof.sentence}; waiting` });
    // looking takes as long as the topic is large: rest at least as long
    await sleep(Math.min(leftMs, Math.max(SHORTEST_PAUSE_MS, Date.now() - begun)), run.signal);
    run.signal.throwIfAborted();
  }
}

/** Without time to wait, the first outage is the answer. */
async function reached(
  settings: VerifySettings,
  options: VerifyOptions,
  connection: Connection,
  run: Pick<FlowRun, "tell" | "signal">,
  until: number,
): Promise<Findings> {
  const look = (): Promise<Findings> => lookOnce(settings, options, connection, run);
  const leftMs = until - Date.now();
  if (leftMs <= 0) return look();
  const begun = Date.now();
  // what is frozen answers with a timeout that may be longer than the time to wait: then it is not asked again
  const lookInTime = (): Promise<Findings> =>
    look().catch((thrown: unknown) => {
      throw Date.now() < until ? thrown : givenUp(toClusterflowError(thrown), Date.now() - begun);
    });
  return throughOutages(lookInTime, { name: "Kafka and PostgreSQL", ...run, giveUpAfterMs: leftMs });
}

function givenUp(error: ClusterflowError, waitedMs: number): ClusterflowError {
  if (!error.retryable) return error;
  return new ClusterflowError(`${error.message} (given up after ${Math.round(waitedMs / 1000)} s)`, {
    code: "unreachable",
    ...(error.hint === null ? {} : { hint: error.hint }),
    cause: error,
  });
}

async function lookOnce(
  settings: VerifySettings,
  options: VerifyOptions,
  connection: Connection,
  run: Pick<FlowRun, "tell" | "signal">,
): Promise<Findings> {
  const selection = selectionOf(options);
  if (settings.kafka !== undefined && options.stream?.target.kind === "tables")
    return verifyTables(settings, options.stream, connection, run);
  return settings.kafka === undefined
    ? verifyFromDatabase(selection, connection, run.signal)
    : verifyThroughKafka(settings, selection, connection, run);
}

function selectionOf({ snapshot, all }: VerifyOptions): Selection {
  if (typeof snapshot === "string") return { kind: "one", snapshot };
  return { kind: all === true ? "all" : "latest" };
}
