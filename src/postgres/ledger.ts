import type { Claim, Ledger, TopicPartition } from "../pipeline/ports.ts";
import type { Connection } from "./connection.ts";
import { toDatabaseError } from "./errors.ts";

/**
 * One statement for all partitions: the epoch goes up before the position is read, so a process that is fenced by it
 * cannot move the position afterwards. The topic's id stays what it was where something was read under it.
 */
const CLAIM = `
  INSERT INTO clusterflow.offsets AS o ("group", topic, partition, next_offset, epoch, first_offset, owner, topic_id)
  SELECT $1, p.topic, p.partition, p.low, 1, p.low, $2, p.id
    FROM jsonb_to_recordset($3::text::jsonb) AS p (topic text, partition integer, low bigint, id text)
   ORDER BY p.topic, p.partition
  ON CONFLICT ("group", topic, partition)
  DO UPDATE SET epoch = o.epoch + 1, owner = excluded.owner, updated_at = now(),
                topic_id = CASE WHEN o.next_offset = 0 THEN excluded.topic_id
                                ELSE coalesce(o.topic_id, excluded.topic_id) END
  RETURNING topic, partition, next_offset, epoch, topic_id`;

const POSITIONS = `SELECT partition, next_offset FROM clusterflow.offsets WHERE "group" = $1 AND topic = $2`;

/**
 * What lies before the new position and was never read is lost by somebody's decision, and that is kept. The position is
 * read first, which the join makes sure of: a row that this very statement has changed already would not be seen.
 */
const RESET = `
  WITH before AS (
    SELECT next_offset FROM clusterflow.offsets WHERE "group" = $1 AND topic = $2 AND partition = $3 FOR UPDATE
  ), lost AS (
    INSERT INTO clusterflow.losses ("group", topic, partition, first_offset, last_offset)
    SELECT $1, $2, $3, next_offset, $4::bigint - 1 FROM before WHERE next_offset < $4::bigint
  ), probed AS (
    DELETE FROM clusterflow.probes WHERE "group" = $1 AND topic = $2 AND partition = $3
  )
  UPDATE clusterflow.offsets AS o
     SET next_offset = $4, first_offset = $4, stored = 0, dead_lettered = 0, probes = 0, epoch = epoch + 1,
         topic_id = NULL, updated_at = now()
    FROM before
   WHERE o."group" = $1 AND o.topic = $2 AND o.partition = $3`;

/** The progress of one consumer group, kept in PostgreSQL. `owner` says who claimed, for people who look. */
export function openLedger(connection: Connection, group: string, owner: string): Ledger {
  return {
    async claim(partitions) {
      const asked = partitions.map(({ topic, partition, low, topicId }) => ({
        topic,
        partition,
        low: low.toString(),
        id: topicId,
      }));
      try {
        const rows = await connection.query(CLAIM, [group, owner, JSON.stringify(asked)]);
        return rows.map(toClaim);
      } catch (error) {
        throw toDatabaseError(error, connection.settings);
      }
    },
    async positionsOf(topic) {
      try {
        const rows = await connection.query(POSITIONS, [group, topic]);
        return new Map(rows.map((row) => [Number(row["partition"]), BigInt(String(row["next_offset"]))]));
      } catch (error) {
        throw toDatabaseError(error, connection.settings);
      }
    },
  };
}

function toClaim(row: Readonly<Record<string, unknown>>): Claim {
  return {
    topic: String(row["topic"]),
    partition: Number(row["partition"]),
    next: BigInt(String(row["next_offset"])),
    epoch: BigInt(String(row["epoch"])),
    topicId: typeof row["topic_id"] === "string" ? row["topic_id"] : null,
  };
}

/** Puts a group to another offset; whoever holds the partition is fenced and has to claim it anew. */
export async function resetPosition(
  connection: Connection,
  group: string,
  { topic, partition, next }: TopicPartition & { readonly next: bigint },
): Promise<void> {
  try {
    await connection.query(RESET, [group, topic, partition, next]);
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}
