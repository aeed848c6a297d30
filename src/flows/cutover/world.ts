import { hostname } from "node:os";
import type { CutoverSettings } from "../../config/cutover.ts";
import { Closing } from "../../core/closing.ts";
import { ClusterflowError } from "../../core/errors.ts";
import { openKafka } from "../../kafka/client.ts";
import { openKafkaSink } from "../../kafka/sink.ts";
import { fetchStandings, type Standing } from "../../kafka/watermarks.ts";
import { appendTable } from "../../pipeline/cutover/event.ts";
import { isClosed } from "../../pipeline/cutover/states.ts";
import { throughOutages } from "../../pipeline/outage.ts";
import type { MessageSink } from "../../pipeline/ports.ts";
import { Connection } from "../../postgres/connection.ts";
import { lookAtCutover, type Cutover } from "../../postgres/cutover/desk.ts";
import { keptName, lookAtSource, type SourceTable } from "../../postgres/cutover/source-table.ts";
import { databaseName } from "../../postgres/errors.ts";
import type { Stream, Table } from "../../streams/define.ts";
import type { FlowRun } from "../run.ts";

export type CutoverRun = Pick<FlowRun, "tell" | "signal">;

/** What a step may be told besides. */
export interface CutoverOptions {
  /** Null takes the one that the cut-over began with. */
  readonly table: SourceTable["table"] | null;
  readonly timeZone: string | null;
}

/** How long a step waits for a server that is away, before it ends; it can be called again then. */
const PATIENCE_MS = 300_000;

/** Everything that a step of a cut-over works with. */
export interface World extends CutoverRun {
  readonly settings: CutoverSettings;
  readonly stream: Stream;
  /** Where the events are stored. */
  readonly target: Table;
  /** To the database of the table that moves. */
  readonly source: Connection;
  /** To the database in which the consumer stores. */
  readonly sink: Connection;
  /** For the lease alone, which is renewed while others ask for long. */
  readonly lease: Connection;
  readonly owner: string;
}

/** Throws `refused` for a stream whose table cannot come from another one. */
export function openWorld(
  settings: CutoverSettings,
  stream: Stream,
  { tell, signal }: CutoverRun,
): World & AsyncDisposable {
  const target = appendTable(stream);
  if (typeof target === "string")
    throw new ClusterflowError(`${target}: it has no cut-over`, {
      code: "refused",
      hint: "clusterflow streams list",
    });
  const closing = new Closing();
  const connect = (name: string, database = settings.source): Connection =>
    closing.use(new Connection(database, name, tell));
  return {
    ...{ settings, stream, target, tell, signal },
    source: connect("clusterflow cutover"),
    sink: connect("clusterflow cutover (what is stored)", settings.database),
    lease: connect("clusterflow cutover (lease)"),
    owner: `${hostname()}/${process.pid}`,
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

/** Something that may be asked again after an answer that was lost. */
export async function ask<T>(world: World, work: () => Promise<T>): Promise<T> {
  const { tell, signal, settings } = world;
  const name = databaseName(settings.source);
  return throughOutages(work, { name, tell, signal, giveUpAfterMs: PATIENCE_MS });
}

export async function cutoverOf(world: World): Promise<Cutover | null> {
  return ask(world, () => lookAtCutover(world.source, world.stream.name));
}

/** The cut-over of a stream for which one was begun. */
export async function begunCutover(world: World): Promise<Cutover> {
  const { stream } = world;
  const cutover = await cutoverOf(world);
  const { topic } = world.settings.kafka;
  if (cutover !== null && cutover.topic !== topic)
    throw new ClusterflowError(`the cut-over of ${stream.name} is to topic ${cutover.topic}, not ${topic}`, {
      code: "usage",
      hint: `clusterflow cutover status --stream ${stream.name} --topic ${cutover.topic}`,
    });
  if (cutover !== null) return cutover;
  throw new ClusterflowError(`no table is on its way to topic ${world.settings.kafka.topic}`, {
    code: "refused",
    hint: `clusterflow cutover plan --stream ${stream.name} --table SCHEMA.TABLE`,
  });
}

/** The table of a cut-over, under the name that it has now. */
export async function sourceOf(world: World, { table, timeZone, state }: Cutover): Promise<SourceTable> {
  const at = isClosed(state) ? keptName({ table }) : table;
  return ask(world, () => lookAtSource(world.source, table, timeZone, at));
}

export async function standingsOf(world: World): Promise<ReadonlyMap<number, Standing>> {
  const { settings, tell, signal } = world;
  const name = `Kafka at ${settings.kafka.brokers.join(", ")}`;
  const look = async (): Promise<ReadonlyMap<number, Standing>> => {
    using client = openKafka(settings.kafka);
    return await fetchStandings(client, settings.kafka.topic);
  };
  return throughOutages(look, { name, tell, signal, giveUpAfterMs: PATIENCE_MS });
}

export function endsOf(standings: ReadonlyMap<number, Standing>): ReadonlyMap<number, bigint> {
  return new Map([...standings].map(([partition, { high }]) => [partition, high]));
}

/** Makes the topic where it is missing. */
export async function openTopic({ settings, stream, tell, signal }: World): Promise<MessageSink> {
  const { kafka } = settings;
  const topic = { ...stream.topic, name: kafka.topic };
  return openKafkaSink({ settings: kafka, topic, tell, signal, giveUpAfterMs: PATIENCE_MS });
}
