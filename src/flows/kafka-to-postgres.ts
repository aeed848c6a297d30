import { hostname } from "node:os";
import type { ConsumerSettings } from "../config/consumer.ts";
import { openKafkaSource, type ConsumeSummary } from "../kafka/source.ts";
import { openStatusServer } from "../http/server.ts";
import { Breaker } from "../pipeline/breaker.ts";
import { Observed } from "../pipeline/observed.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { tellAsOne } from "../pipeline/tell-as-one.ts";
import { Connection } from "../postgres/connection.ts";
import { databaseName } from "../postgres/errors.ts";
import { openLedger } from "../postgres/ledger.ts";
import { migrate } from "../postgres/migrate.ts";
import { ensureTables } from "../postgres/ensure-tables.ts";
import { openWriterPool } from "../postgres/write/writer-pool.ts";
import { isDeclared } from "../streams/declared/stream.ts";
import type { Stream } from "../streams/define.ts";
import { openDeadLetterRelay } from "./dead-letter-relay.ts";
import type { FlowRun } from "./run.ts";

export interface ConsumeOptions {
  /** Stop at the end offsets as they were at the start, instead of at the signal. */
  readonly untilEnd: boolean;
  /** Milliseconds after which a server that is away ends the flow; null waits for ever. */
  readonly giveUpAfterMs: number | null;
  /** Statements in flight at a time, each on a connection of its own. */
  readonly writers?: number;
}

/** PostgreSQL and this process share few cores. */
const WRITERS = 3;
/** Bytes of records waiting to be written, over all partitions. */
const QUEUE_BYTES = 6 * 1024 * 1024;
/**
 * How old what is known of the partitions' ends may be when somebody measures. A look is a connection of its own: each
 * 5 s, they were an eighth of what an idle consumer costs.
 */
const LOOK_MS = 10_000;

/** Topic to tables, exactly once: the offsets are kept in PostgreSQL, in the statement that stores the rows. */
export async function kafkaToPostgres(
  settings: ConsumerSettings,
  stream: Stream,
  { untilEnd, giveUpAfterMs, writers: size = WRITERS }: ConsumeOptions,
  { tell, signal }: FlowRun,
): Promise<ConsumeSummary> {
  const observed = new Observed(settings.kafka.topic);
  const observe = observed.see;
  signal.addEventListener("abort", () => (observed.isDraining = true));
  await using status = settings.http && (await openStatusServer(settings.http, observed));
  if (status !== null) tell({ kind: "notice", text: `health and metrics at ${status.url}/metrics` });
  const asOne = tellAsOne(tell, observe);
  const outage = { name: databaseName(settings.database), ...asOne, signal, giveUpAfterMs };
  await using connection = new Connection(settings.database, `clusterflow consume ${settings.group}`);
  await throughOutages(() => prepare(connection, stream, tell), outage);
  const ledger = openLedger(connection, settings.group, `${hostname()}/${process.pid}`);
  await using relay = openDeadLetterRelay(settings, stream, { tell, signal });
  if (relay !== null) tell({ kind: "notice", text: `dead letters also go to topic "${relay.topic}"` });
  const { database, group, deadLetters } = settings;
  await using writers = openWriterPool({
    stream,
    group,
    database,
    size,
    ...asOne,
    giveUpAfterMs,
    breaker: new Breaker(deadLetters.maxInARow),
  });
  await using source = await openKafkaSource({
    settings: settings.kafka,
    group,
    topic: settings.kafka.topic,
    ledger: {
      claim: (partitions) => throughOutages(() => ledger.claim(partitions), outage),
      positionsOf: (topic) => throughOutages(() => ledger.positionsOf(topic), outage),
    },
    deliver: writers.deliver,
    untilEnd,
    giveUpAfterMs,
    queueBytes: QUEUE_BYTES,
    tell,
    observe,
    ...(status === null ? {} : { lookEveryMs: LOOK_MS }),
  });
  return await source.run(signal);
}

/** Our own tables, and those of a stream that a file declares. */
async function prepare(connection: Connection, stream: Stream, tell: FlowRun["tell"]): Promise<void> {
  await migrate(connection);
  if (!isDeclared(stream)) return;
  for (const table of await ensureTables(connection, [stream]))
    tell({ kind: "notice", text: `made ${table}` });
}
