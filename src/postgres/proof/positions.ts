import type { Position } from "../../pipeline/proof/offsets.ts";
import type { Connection } from "../connection.ts";
import { ask, toBigInt } from "./ask.ts";

const POSITIONS = `
  SELECT partition, next_offset, first_offset, stored, dead_lettered
    FROM clusterflow.offsets
   WHERE "group" = $1 AND topic = $2
   ORDER BY partition`;

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
  }));
}
