import type { IngestSettings, IngestToKafka } from "../../config/ingest.ts";
import type { DatabaseSettings } from "../../config/parts.ts";
import { Closing } from "../../core/closing.ts";
import { ClusterflowError } from "../../core/errors.ts";
import { openGateway } from "../../http/gateway/gateway.ts";
import type { Intake } from "../../http/gateway/ports.ts";
import { openEventProducer } from "../../kafka/event-producer.ts";
import { storeOnDisk } from "../../pipeline/ingest/elsewhere.ts";
import { Failover } from "../../pipeline/ingest/failover.ts";
import { Connection } from "../../postgres/connection.ts";
import { openDirectTables } from "../../postgres/write/direct-tables.ts";
import { openSpool } from "../../spool/spool.ts";
import type { IngestPart, Stream } from "../../streams/define.ts";
import { quizEvents } from "../../streams/quiz/stream.ts";
import type { FlowRun } from "../run.ts";
import { DatabaseBehind, prepare, type Demand } from "./database.ts";
import { IngestHealth } from "./health.ts";
import { openIntake } from "./intake.ts";
import { openReports } from "./reports.ts";
import { NOBODY, usersOf } from "./users.ts";

/** What is in flight when the gateway closes; the rest of the ten seconds is for those behind it. */
const CLOSE_MS = 6_000;
/** At the start; a gateway to Kafka then begins with the spool, and without its database. */
const FIRST_LOOK_MS = 3_000;
/** Where events have no other place, the start waits for the database. */
const PATIENCE_MS = 30_000;

/** HTTP to Kafka or PostgreSQL, until the signal. What was acknowledged is down. */
export async function ingest(settings: IngestSettings, stream: Stream, run: FlowRun): Promise<void> {
  const { tell, signal } = run;
  const part = ingestPartOf(settings, stream);
  await using open = new Closing();
  const health = new IngestHealth();
  const database = await openDatabase(settings, stream, run, open);
  health.isDatabaseAway = database?.isAway ?? null;
  const intake =
    settings.mode === "hybrid-kafka"
      ? await openToKafka(settings, stream, part, { open, health, run })
      : openDirect(settings.database, stream, part, { open, health, run });
  if (database === null) tell({ kind: "notice", text: NO_DATABASE });
  const gateway = open.use(
    await openGateway(
      { ...settings, limits: { closeMs: CLOSE_MS } },
      {
        intake,
        users: database === null ? NOBODY : usersOf(database.connection, database.demand),
        reports: database === null || stream !== quizEvents ? null : open.use(openReports(database)),
        condition: health,
        tell,
      },
    ),
  );
  tell({ kind: "notice", text: `events of stream ${stream.name} are taken at ${gateway.url}` });
  await fired(signal);
  tell({ kind: "draining" });
}

const NO_DATABASE =
  "no database is given (DATABASE_URL): there are no logins and no reports; tokens from elsewhere are checked";

const SPOOL_HINT =
  "keep Kafka in front, and the spool behind it: KAFKA_ENABLED=true clusterflow ingest --failover spool";

/** Throws `usage` when events of the stream cannot go the way that the settings want. */
function ingestPartOf(settings: IngestSettings, stream: Stream): IngestPart {
  const { name, ingest: part, topic } = stream;
  if (part === undefined) {
    const hint =
      "clusterflow ingest --stream quiz-events, or a stream of your own with a key: clusterflow streams list";
    throw new ClusterflowError(
      `events of stream ${name} cannot be posted: it says no key for topic ${topic.name}`,
      {
        ...{ code: "usage", hint },
      },
    );
  }
  if (settings.mode === "hybrid-kafka" && settings.failover === "direct") refuseReplacing(stream);
  const isDirect = settings.mode === "legacy" || settings.failover === "direct";
  if (!isDirect || part.onlyThroughKafka === null) return part;
  throw new ClusterflowError(
    `stream ${name} ${part.onlyThroughKafka}, so its events cannot go to PostgreSQL directly`,
    {
      code: "usage",
      hint: SPOOL_HINT,
    },
  );
}

/** What went around Kafka would be replaced by what the consumer reads later, though it is older. */
function refuseReplacing({ name, target }: Stream): void {
  if (target.kind !== "tables" || !target.tables.some(({ again }) => again === "replace")) return;
  throw new ClusterflowError(
    `rows of stream ${name} replace each other, so its events need one way in, in their order`,
    {
      code: "usage",
      hint: SPOOL_HINT,
    },
  );
}

/** The database of logins and reports. */
interface Known {
  readonly connection: Connection;
  readonly demand: Demand;
  readonly isAway: () => boolean;
}

async function openDatabase(
  settings: IngestSettings,
  stream: Stream,
  run: FlowRun,
  open: Closing,
): Promise<Known | null> {
  if (settings.database === null) return null;
  if (settings.mode === "hybrid-kafka") {
    const behind = open.use(await DatabaseBehind.open(settings.database, stream, run, FIRST_LOOK_MS));
    return { connection: behind.connection, demand: behind.demand, isAway: () => !behind.isThere };
  }
  await prepare(settings.database, stream, { ...run, giveUpAfterMs: PATIENCE_MS });
  const connection = open.use(new Connection(settings.database, "clusterflow ingest (users)"));
  return { connection, demand: () => undefined, isAway: () => false };
}

interface Surroundings {
  readonly open: Closing;
  readonly health: IngestHealth;
  readonly run: FlowRun;
}

async function openToKafka(
  { kafka: settings, spool, failover: way, database }: IngestToKafka,
  stream: Stream,
  part: IngestPart,
  { open, health, run: { tell } }: Surroundings,
): Promise<Intake> {
  const line = open.use(await openSpool({ ...spool, tell }));
  const topic = { ...stream.topic, name: settings.topic };
  const kafka = openEventProducer({ settings, topic, tell });
  const elsewhere =
    way === "direct" && database !== null
      ? openDirectTables({ stream, connection: connectionFor(database, open), onFailure: health.noteFailure })
      : storeOnDisk(line, health.noteFailure);
  const onSent = (seconds: number): void => health.times.add(seconds);
  const failover = open.adopt(new Failover({ kafka, line, elsewhere, tell, onSent }), (one) => one.close());
  // closed first: what is being replayed then fails at once instead of being waited for
  open.use(kafka);
  health.line = line;
  health.isKafkaAway = () => failover.isAway;
  if (line.depth.entries > 0)
    tell({ kind: "notice", text: `${line.depth.entries} events wait in ${spool.dir}` });
  await failover.backWithin(FIRST_LOOK_MS);
  return openIntake(part, failover.store, () => kafka.maxMessageBytes);
}

function openDirect(
  database: DatabaseSettings,
  stream: Stream,
  part: IngestPart,
  { open, health }: Surroundings,
): Intake {
  const connection = connectionFor(database, open);
  const store = openDirectTables({ stream, connection, onFailure: health.noteFailure });
  return openIntake(part, store, () => Number.MAX_SAFE_INTEGER);
}

function connectionFor(database: DatabaseSettings, open: Closing): Connection {
  return open.use(new Connection(database, "clusterflow ingest (events)"));
}

async function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
