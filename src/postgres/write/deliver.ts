import { ClusterflowError, toClusterflowError } from "../../core/errors.ts";
import type { Tell } from "../../core/report.ts";
import { Breaker } from "../../pipeline/breaker.ts";
import { judge, type Judged, type Rejected } from "../../pipeline/judge.ts";
import { throughOutages, type OutageOptions } from "../../pipeline/outage.ts";
import type { Observe } from "../../pipeline/observe.ts";
import { reached } from "../../pipeline/points.ts";
import type { Batch, Deliver, Delivery } from "../../pipeline/ports.ts";
import type { Stream } from "../../streams/define.ts";
import type { Connection } from "../connection.ts";
import { codeOf, databaseName, failureOf, rootOf, toDatabaseError } from "../errors.ts";
import { rowParameters } from "./columns.ts";
import { deadLetterRows } from "./dead-letters.ts";
import { probeRows } from "./probes.ts";
import { fencedStatement } from "./statement.ts";

export interface WriterOptions {
  readonly stream: Stream;
  readonly group: string;
  /** The writer's own connection: one statement in flight. */
  readonly connection: Connection;
  readonly tell: Tell;
  /** Milliseconds after which an outage ends in its error; null waits for ever. */
  readonly giveUpAfterMs: number | null;
  readonly observe?: Observe;
  /** The process's own, shared by its writers; left out, any number of records may be refused. */
  readonly breaker?: Breaker;
}

/** Where the ledger stands, read when a statement found its fence gone. */
const POSITION = `SELECT next_offset, epoch FROM clusterflow.offsets WHERE "group" = $1 AND topic = $2 AND partition = $3`;
/** A sealed snapshot of a very large cluster is applied by one statement. */
const DEADLINE_MS = 600_000;
/** Rejected records of one batch that are told one by one. */
const TOLD = 3;

/**
 * Writes batches of one stream exactly once. Rows, dead letters and the new offset are one statement, so a death at
 * any moment leaves all or nothing. An answer that was lost is asked again: the fence then tells whether the first
 * try had been carried out. A row that PostgreSQL refuses is found by halving the batch and goes to the dead letters,
 * until the breaker opens: then it is tried again until it is stored.
 */
export function openWriter(options: WriterOptions): Deliver {
  const writer = new FencedWriter(options);
  return (batch, signal) => writer.deliver(batch, signal);
}

class FencedWriter {
  readonly #options: WriterOptions;
  readonly #breaker: Breaker;
  readonly #statement: string;
  /** For batches in which probes are. */
  readonly #probing: string;
  readonly #parameters: ReturnType<typeof rowParameters>;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#breaker = options.breaker ?? new Breaker(0);
    this.#statement = fencedStatement(options.stream);
    this.#probing = fencedStatement(options.stream, "with-probes");
    this.#parameters = rowParameters(options.stream.target);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const judged = judge(this.#options.stream, batch.records);
    const first = Math.min(judged.taken, this.#breaker.roomFor(batch.records, judged.rejected));
    if (first === 0 && batch.records.length > 0) throw this.#breaker.undecodable(batch.topic);
    if (first < batch.records.length) return this.#inTwo(batch, first, signal);
    try {
      return await this.#persist(batch, judged, signal);
    } catch (error) {
      if (failureOf(rootOf(error)) !== "data") throw error;
      return this.#isolate(batch, rootOf(error), signal);
    }
  }

  async #persist(batch: Batch, judged: Judged, signal: AbortSignal): Promise<Delivery> {
    const write = async (attempt: AbortSignal): Promise<Delivery> => {
      try {
        return await this.#write(batch, judged, attempt);
      } catch (error) {
        throw toDatabaseError(error, this.#options.connection.settings);
      }
    };
    return throughOutages(write, this.#outage(signal));
  }

  #outage(signal: AbortSignal): OutageOptions {
    const { connection, tell, giveUpAfterMs, observe } = this.#options;
    return { name: databaseName(connection.settings), signal, tell, giveUpAfterMs, observe };
  }

  async #write(batch: Batch, judged: Judged, signal: AbortSignal): Promise<Delivery> {
    const { sheets, rejected, probes, accepted } = judged;
    const { connection, group } = this.#options;
    const place = [group, batch.topic, batch.partition, batch.start, batch.end, batch.epoch];
    const counted = [accepted, rejected.length, deadLetterRows(rejected)];
    const [statement, sent] =
      probes.length === 0 ? [this.#statement, []] : [this.#probing, [probes.length, probeRows(probes)]];
    const answering = connection.query(
      statement,
      [...place, ...counted, ...sent, ...this.#parameters(sheets)],
      { deadlineMs: DEADLINE_MS, signal },
    );
    reached("sent");
    const [answer] = await answering;
    reached("answered");
    if (answer?.["fenced"] !== 1 && !(await this.#isDone(batch))) {
      reached("fenced");
      return { kind: "fenced" };
    }
    this.#breaker.noteDown(batch.records, rejected);
    this.#tellRejected(rejected);
    return { kind: "stored", stored: accepted, deadLettered: rejected.length };
  }

  /** The first few by name: the table has them all, and a poisoned topic must not flood the log. */
  #tellRejected(rejected: readonly Rejected[]): void {
    const { tell } = this.#options;
    for (const { record, reason } of rejected.slice(0, TOLD)) {
      const { topic, partition, offset } = record;
      tell({ kind: "record-rejected", topic, partition, offset, reason });
    }
    const more = rejected.length - TOLD;
    if (more > 0)
      tell({ kind: "warning", text: `${more} more records of this batch go to the dead letters` });
  }

  /** Our epoch, and the offset is past the end: an earlier try was carried out and only its answer was lost. */
  async #isDone(batch: Batch): Promise<boolean> {
    const { connection, group } = this.#options;
    const [row] = await connection.query(POSITION, [group, batch.topic, batch.partition]);
    return row !== undefined && row["epoch"] === batch.epoch && row["next_offset"] === batch.end;
  }

  /** About 2 log2 n statements find one bad record among n; its neighbours are stored on the way. */
  async #isolate(batch: Batch, error: unknown, signal: AbortSignal): Promise<Delivery> {
    const [only] = batch.records;
    if (only === undefined) throw error;
    reached("halved");
    if (batch.records.length === 1) return this.#refuse(batch, refusedByServer(only, error), signal);
    return this.#inTwo(batch, Math.floor(batch.records.length / 2), signal);
  }

  /** To the dead letters, unless too many in a row came there: then only when others are stored meanwhile. */
  async #refuse(batch: Batch, refused: Judged, signal: AbortSignal): Promise<Delivery> {
    const delivery = this.#breaker.isOpen
      ? await throughOutages(this.#probe(batch), this.#outage(signal))
      : null;
    return delivery ?? this.#persist(batch, refused, signal);
  }

  /** Tries to store one record while the breaker is open; null when it was refused and others were stored meanwhile. */
  #probe(batch: Batch): (attempt: AbortSignal) => Promise<Delivery | null> {
    const { settings } = this.#options.connection;
    return async (attempt) => {
      try {
        return await this.#write(batch, judge(this.#options.stream, batch.records), attempt);
      } catch (error) {
        if (failureOf(error) !== "data") throw toDatabaseError(error, settings);
        if (!this.#breaker.isOpen) return null;
        const { reason, sqlstate } = reasonOf(error);
        throw this.#breaker.unstorable(databaseName(settings), reason, sqlstate);
      }
    };
  }

  /** The first records of a batch, so many of them, and then the others. */
  async #inTwo(batch: Batch, first: number, signal: AbortSignal): Promise<Delivery> {
    const border = batch.records[first]?.offset ?? batch.end;
    const left = await this.deliver(
      { ...batch, end: border, records: batch.records.slice(0, first) },
      signal,
    );
    if (left.kind === "fenced") return left;
    const right = await this.deliver(
      { ...batch, start: border, records: batch.records.slice(first) },
      signal,
    );
    if (right.kind === "fenced") return right;
    const deadLettered = left.deadLettered + right.deadLettered;
    return { kind: "stored", stored: left.stored + right.stored, deadLettered };
  }
}

function refusedByServer(record: Rejected["record"], error: unknown): Judged {
  return {
    sheets: [],
    probes: [],
    accepted: 0,
    taken: 1,
    rejected: [{ record, stage: "write", ...reasonOf(error) }],
  };
}

function reasonOf(error: unknown): Pick<Rejected, "sqlstate" | "reason"> {
  const sqlstate = error instanceof ClusterflowError ? error.vendorCode : codeOf(error);
  return { sqlstate, reason: withoutValues(toClusterflowError(error).message, sqlstate) };
}

/** PostgreSQL quotes the value that it refuses (class 22), which may be somebody's secret; names it quotes may stay. */
function withoutValues(message: string, sqlstate: string | null): string {
  return sqlstate?.startsWith("22") === true ? message.replace(/".*"/s, '"…"') : message;
}
