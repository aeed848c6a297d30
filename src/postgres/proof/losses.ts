import type { Loss } from "../../pipeline/proof/losses.ts";
import type { Connection } from "../connection.ts";
import { ask, toBigInt } from "./ask.ts";

const HAS_LOSSES = "SELECT to_regclass('clusterflow.losses') IS NOT NULL AS has";

/** Those that lie behind the group's first offset now: a topic that was made anew begins before them. */
const LOSSES = `
  SELECT l.partition, l.first_offset, l.last_offset, l.decided_at
    FROM clusterflow.losses l
    JOIN clusterflow.offsets o
      ON o."group" = l."group" AND o.topic = l.topic AND o.partition = l.partition AND l.last_offset < o.first_offset
   WHERE l."group" = $1 AND l.topic = $2
   ORDER BY l.id`;

/** What the group gave up of a topic, in the order of the decisions; nothing in a database from before there was a table of it. */
export async function readLosses(
  connection: Connection,
  group: string,
  topic: string,
): Promise<readonly Loss[]> {
  const [is] = await ask(connection, HAS_LOSSES);
  if (is?.["has"] !== true) return [];
  const rows = await ask(connection, LOSSES, [group, topic]);
  return rows.map((row) => ({
    partition: Number(row["partition"]),
    first: toBigInt(row["first_offset"]),
    last: toBigInt(row["last_offset"]),
    decidedAt: row["decided_at"] instanceof Date ? row["decided_at"] : new Date(String(row["decided_at"])),
  }));
}
