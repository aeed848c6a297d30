import type { KafkaSettings } from "../../config/parts.ts";
import { readRange } from "../../kafka/reader.ts";
import type { RawRecord } from "../../pipeline/ports.ts";
import { probeOf } from "../../pipeline/probe.ts";
import type { Position } from "../../pipeline/proof/offsets.ts";
import type { Connection } from "../../postgres/connection.ts";
import { readDeadLetters } from "../../postgres/proof/dead-letters.ts";

/** What a group has settled of a partition and the topic still has; without an end where there is nothing. */
export interface Lane {
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
}

export interface ReadSettled {
  readonly kafka: KafkaSettings;
  readonly group: string;
  readonly connection: Connection;
  readonly lanes: readonly Lane[];
  readonly signal: AbortSignal;
}

/** Records that are held at a time, and their bytes unless one alone has more. */
const CHUNK = { records: 1_000, bytes: 4 * 1024 * 1024 };

export function lanesOf(
  positions: readonly Position[],
  marks: readonly { readonly partition: number; readonly low: bigint; readonly high: bigint }[],
): readonly Lane[] {
  return marks.flatMap(({ partition, low, high }) => {
    const position = positions.find((one) => one.partition === partition);
    if (position === undefined) return [];
    const first = position.first > low ? position.first : low;
    const end = position.next < high ? position.next : high;
    return first < end ? [{ partition, first, last: end - 1n }] : [];
  });
}

/**
 * Reads what was settled, partition by partition and in order, some records at a time: those that are stored, without
 * the dead letters and without probes.
 */
export async function readSettled(
  { kafka, group, connection, lanes, signal }: ReadSettled,
  see: (records: readonly RawRecord[]) => Promise<void>,
): Promise<void> {
  for (const { partition, first, last } of lanes) {
    let chunk: RawRecord[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      const records = chunk;
      [chunk, bytes] = [[], 0];
      await see(await withoutDeadLetters(records));
    };
    await readRange(kafka, { topic: kafka.topic, partition, first, last }, async (record) => {
      signal.throwIfAborted();
      if (probeOf(record) !== null) return;
      chunk.push(record);
      bytes += record.value?.length ?? 0;
      if (chunk.length >= CHUNK.records || bytes >= CHUNK.bytes) await flush();
    });
    await flush();
  }

  async function withoutDeadLetters(records: readonly RawRecord[]): Promise<readonly RawRecord[]> {
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return [];
    const place = { group, topic: kafka.topic, partition: first.partition };
    const letters = await readDeadLetters(
      connection,
      { ...place, from: first.offset, to: last.offset + 1n },
      CHUNK.records,
    );
    const dead = new Set(letters.map(({ offset }) => offset));
    return records.filter(({ offset }) => !dead.has(offset));
  }
}
