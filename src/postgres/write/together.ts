import { judge } from "../../pipeline/judge.ts";
import type { Breaker } from "../../pipeline/breaker.ts";
import { reached } from "../../pipeline/points.ts";
import type { Batch } from "../../pipeline/ports.ts";
import { CHANGE, type Stream } from "../../streams/define.ts";
import type { Connection } from "../connection.ts";
import { failureOf, isServerError } from "../errors.ts";
import { arrayLiteral, rowParameters } from "./columns.ts";
import { fencedTogetherStatement } from "./statement.ts";

export interface TogetherOptions {
  readonly stream: Stream;
  readonly group: string;
  readonly connection: Connection;
  readonly breaker: Breaker;
}

/** Whether the batches are down, all of them; false where nobody knows, and each has to be written by itself. */
export type StoreTogether = (batches: readonly Batch[], signal: AbortSignal) => Promise<boolean>;

/**
 * Writes small batches of several partitions of one topic by one statement: with little to do, most of what a statement
 * costs is being sent, woken up for and flushed to the disk. It is a try and no more. Whatever stands in its way, a
 * record that is refused, a fence that is gone, an answer that was lost, is told as false: written one by one, each
 * batch finds out by its own fence whether it was stored already. Null for streams whose records belong to a procedure.
 */
export function openStoreTogether({
  stream,
  group,
  connection,
  breaker,
}: TogetherOptions): StoreTogether | null {
  const { target } = stream;
  if (target.kind !== "tables") return null;
  const statement = fencedTogetherStatement(target.tables);
  const parametersOf = rowParameters(target);
  return async (batches, signal) => {
    const records = batches.flatMap((batch) => batch.records);
    const { sheets, taken, rejected, probes } = judge(stream, records);
    if (taken < records.length || rejected.length + probes.length > 0) return false;
    // what one partition empties, another may have filled before
    if (sheets.some(([first]) => first?.[CHANGE] === "truncate")) return false;
    try {
      const parameters = [group, ...placesOf(batches), batches.length, ...parametersOf(sheets)];
      const answering = connection.query(statement, parameters, { signal });
      reached("sent");
      const [answer] = await answering;
      reached("answered");
      if (answer?.["fenced"] !== 1) return false;
    } catch (error) {
      if (signal.aborted || isServerError(error) || failureOf(error) !== "fatal") return false;
      throw error;
    }
    breaker.noteDown(records, rejected);
    return true;
  };
}

/** Sorted, so that two processes that both believe to have them do not wait for each other. */
function placesOf(batches: readonly Batch[]): readonly string[] {
  const sorted = batches.toSorted((left, right) => left.partition - right.partition);
  const column = (value: (batch: Batch) => bigint | number): string =>
    arrayLiteral(sorted.map((batch) => String(value(batch))));
  return [
    sorted[0]?.topic ?? "",
    column(({ partition }) => partition),
    column(({ start }) => start),
    column(({ end }) => end),
    column(({ epoch }) => epoch),
    column(({ records }) => records.length),
  ];
}
