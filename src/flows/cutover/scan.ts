import { readRange } from "../../kafka/reader.ts";
import { cameFrom } from "../../pipeline/cutover/event.ts";
import type { Standing } from "../../kafka/watermarks.ts";
import type { Cutover } from "../../postgres/cutover/desk.ts";
import { eventPrefix } from "../../postgres/cutover/row-text.ts";
import type { World } from "./world.ts";

/**
 * Up to where every message of the topic came from the table. What lies before that is never needed for the way back, so
 * retention may have it.
 */
export async function judgedTo(
  { settings, signal }: World,
  { position, table }: Cutover,
  standings: ReadonlyMap<number, Standing>,
): Promise<ReadonlyMap<number, bigint>> {
  const { kafka } = settings;
  const prefix = eventPrefix({ table });
  const judged = new Map(position.from);
  for (const { partition, low, high } of standings.values()) {
    const from = position.from.get(partition) ?? 0n;
    if (from < low || from > high) continue; // the way back will say what is gone
    const foreign: bigint[] = [];
    const range = { topic: kafka.topic, partition, first: from, last: high - 1n };
    await readRange(kafka, range, (record) => {
      signal.throwIfAborted();
      if (foreign.length === 0 && !cameFrom(prefix, record)) foreign.push(record.offset);
    });
    judged.set(partition, foreign[0] ?? high);
  }
  return judged;
}
