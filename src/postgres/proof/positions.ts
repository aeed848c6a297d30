import type { Position } from "../../pipeline/proof/offsets.ts";
import type { Connection } from "../connection.ts";
import { ask, toBigInt } from "./ask.ts";

/** The column of probes is asked for in a way that a database without it can answer. */
const POSITIONS = `
  SELECT partition, next_offset, first_offset, stored, dead_lettered,
         coalesce((to_jsonb(o) ->> 'probes')::bigint, 0) AS probes
    FROM clusterflow.offsets o
   WHERE "group" = $1 AND topic = $2
   ORDER BY partition`;

const OTHER_GROUPS = `
  SELECT "group"
    FROM clusterflow.offsets
   WHERE "group" <> $1 AND topic = $2
   GROUP BY "group"
  HAVING sum(stored + dead_lettered) > 0
   ORDER BY "group"`;

/** Other groups that have settled messages of a topic, by name. */
export async function readOtherGroups(
  connection: Connection,
  group: string,
  topic: string,
): Promise<readonly string[]> {
  const rows = await ask(connection, OTHER_GROUPS, [group, topic]);
  return rows.map((row) => String(row["group"]));
}

/** What a group's ledger says of a topic, by partition. */
export async function readPositions(
  connection: Connection,
  group: string,
  topic: string,
): Promise<readonly Position[]> {
  const rows = await ask(connection, POSITIONS, [group, topic]);
  return rows.map((row) => ({
    partition: Number(row["partition"]),
    next: toBigInt(row["next_offset"]),
    first: toBigInt(row["first_offset"]),
    stored: toBigInt(row["stored"]),
    deadLettered: toBigInt(row["dead_lettered"]),
    probes: toBigInt(row["probes"]),
  }));
}
