import type { ConsumerSettings } from "../../config/consumer.ts";
import type { KafkaSettings } from "../../config/parts.ts";
import { ClusterflowError } from "../../core/errors.ts";
import type { Tell } from "../../core/report.ts";
import { readRange, topicOffsets } from "../../kafka/reader.ts";
import { DeadLetterComparison, type DeadLetter } from "../../pipeline/proof/dead-letters.ts";
import type { PartitionEvidence, Position } from "../../pipeline/proof/offsets.ts";
import { TopicTrace } from "../../pipeline/proof/snapshot/trace.ts";
import type { Connection } from "../../postgres/connection.ts";
import {
  countDeadLetters,
  readDeadLetters,
  type DeadLetterPlace,
} from "../../postgres/proof/dead-letters.ts";
import type { Stream } from "../../streams/define.ts";

export interface ScanOptions {
  readonly settings: ConsumerSettings;
  readonly stream: Stream;
  /** Null for a database without our tables: there are no dead letters to compare. */
  readonly connection: Connection | null;
  /** Read before: then no position can be past the end of the topic by right. */
  readonly positions: readonly Position[];
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

/** A topic as it was between the watermarks that are in `partitions`. */
export interface Scan {
  readonly partitions: readonly PartitionEvidence[];
  readonly trace: TopicTrace;
}

interface Marks {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** How often reading begins anew when retention removes what is being read. */
const ATTEMPTS = 3;
/** Dead letters held at a time. */
const PAGE = 10_000;
const PROGRESS_MS = 10_000;

/** Reads a topic from end to end without a group. */
export function scanTopic(options: ScanOptions): Promise<Scan> {
  return withMarks(options, (marks) => scanOnce(options, marks));
}

type MarkOptions = Pick<ScanOptions, "settings" | "stream" | "positions" | "signal">;

/** Does what is between the watermarks, anew with others when retention overtakes it. */
export async function withMarks<T>(
  options: MarkOptions,
  work: (marks: readonly Marks[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const marks = await readMarks(options);
    try {
      return await work(marks);
    } catch (error) {
      options.signal.throwIfAborted();
      if (attempt === ATTEMPTS || !(await isOvertaken(options, marks))) throw error;
    }
  }
}

async function readMarks({ settings: { kafka }, stream, positions }: MarkOptions): Promise<readonly Marks[]> {
  try {
    return await topicOffsets(kafka, kafka.topic);
  } catch (error) {
    const isUnknown = error instanceof ClusterflowError && error.vendorCode === "UNKNOWN_TOPIC_OR_PARTITION";
    throw isUnknown ? noSuchTopic(kafka, stream, positions.length > 0, error) : error;
  }
}

/** Mistyped, most of the time; a topic that the group has read was deleted. */
function noSuchTopic(
  { topic, brokers }: KafkaSettings,
  { name, target }: Stream,
  wasRead: boolean,
  cause: unknown,
): ClusterflowError {
  const where = `topic "${topic}" does not exist in Kafka at ${brokers.join(", ")}`;
  if (target.kind === "tables")
    return new ClusterflowError(wasRead ? `${where} any more, though the group has read it` : where, {
      code: "usage",
      hint: wasRead ? "clusterflow topic list" : `clusterflow topic create --stream ${name} --topic ${topic}`,
      cause,
    });
  const look = "clusterflow config show --role consumer --origin";
  return wasRead
    ? new ClusterflowError(`${where} any more, though the group has read it`, {
        code: "usage",
        hint: "clusterflow verify --mode legacy looks at the database alone",
        cause,
      })
    : new ClusterflowError(where, {
        code: "usage",
        hint: `is KAFKA_TOPIC (--topic) right? ${look}; it is made by: clusterflow collect --topic ${topic}`,
        cause,
      });
}

async function isOvertaken(options: MarkOptions, before: readonly Marks[]): Promise<boolean> {
  const lows = new Map((await readMarks(options)).map(({ partition, low }) => [partition, low]));
  return before.some(({ partition, low }) => lows.get(partition) !== low);
}

async function scanOnce(options: ScanOptions, marks: readonly Marks[]): Promise<Scan> {
  const trace = new TopicTrace(options.stream);
  const see = withProgress(options, marks);
  const partitions: PartitionEvidence[] = [];
  for (const mark of withForgotten(marks, options.positions)) {
    partitions.push(await scanPartition(options, mark, trace, see));
  }
  return { partitions, trace };
}

/** Partitions that the ledger knows and the topic does not have: to the topic they are empty. */
function withForgotten(marks: readonly Marks[], positions: readonly Position[]): readonly Marks[] {
  const known = new Set(marks.map(({ partition }) => partition));
  const forgotten = positions.filter(({ partition }) => !known.has(partition));
  return [...marks, ...forgotten.map(({ partition }) => ({ partition, low: 0n, high: 0n }))];
}

async function scanPartition(
  { settings: { kafka, group }, connection, positions }: ScanOptions,
  { partition, low, high }: Marks,
  trace: TopicTrace,
  see: () => void,
): Promise<PartitionEvidence> {
  const place = { group, topic: kafka.topic, partition };
  const ledger = positions.find((position) => position.partition === partition) ?? null;
  const settled = { from: ledger?.first ?? 0n, to: ledger?.next ?? 0n };
  const letters = new DeadLetterComparison();
  let records = 0n;
  for (let from = low; from < high;) {
    const page = await readPage(connection, { ...place, from, to: high });
    const last = lastToRead(page, high);
    letters.expect(page);
    await readRange(kafka, { topic: kafka.topic, partition, first: from, last }, (record) => {
      see();
      if (record.offset >= settled.from && record.offset < settled.to) records += 1n;
      trace.see(record, letters.meets(record) ? "dead-lettered" : "other");
    });
    from = last + 1n;
  }
  const rows = await countRows(connection, { ...place, ...settled });
  const unreadable = await countRows(connection, { ...place, from: 0n, to: low });
  return { partition, low, high, ledger, records, deadLetters: letters.result(rows, unreadable) };
}

async function readPage(
  connection: Connection | null,
  place: DeadLetterPlace,
): Promise<readonly DeadLetter[]> {
  return connection === null ? [] : readDeadLetters(connection, place, PAGE);
}

/** After a full page there may be another one, which has to be here before its records are. */
function lastToRead(page: readonly DeadLetter[], high: bigint): bigint {
  return (page.length === PAGE ? page.at(-1)?.offset : null) ?? high - 1n;
}

async function countRows(connection: Connection | null, place: DeadLetterPlace): Promise<bigint> {
  return connection === null || place.from >= place.to ? 0n : countDeadLetters(connection, place);
}

/** Called for every record: ends the reading when the signal fires, and tells how far it is now and then. */
function withProgress({ tell, signal, settings }: ScanOptions, marks: readonly Marks[]): () => void {
  const total = marks.reduce((sum, { low, high }) => sum + (high - low), 0n);
  let seen = 0n;
  let toldAt = Date.now();
  return () => {
    signal.throwIfAborted();
    seen += 1n;
    if (Date.now() - toldAt < PROGRESS_MS) return;
    toldAt = Date.now();
    tell({ kind: "notice", text: `topic ${settings.kafka.topic}: ${seen} of ${total} messages read` });
  };
}
