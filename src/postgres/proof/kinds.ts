import type { StoredKind } from "../../pipeline/proof/snapshot/contents.ts";
import type { Connection } from "../connection.ts";
import { ask, textOrNull, toBigInt } from "./ask.ts";

const KINDS = `
  SELECT api_group, resource, status, reason, objects, digest
    FROM clusterflow.snapshot_kinds
   WHERE snapshot_id = $1::bigint
   ORDER BY api_group, resource`;

/** How each kind of an applied snapshot was read, as the database keeps it. */
export async function readKinds(connection: Connection, snapshotRow: bigint): Promise<readonly StoredKind[]> {
  const rows = await ask(connection, KINDS, [snapshotRow]);
  return rows.map((row) => ({
    group: String(row["api_group"]),
    resource: String(row["resource"]),
    status: String(row["status"]),
    reason: textOrNull(row["reason"]),
    objects: Number(row["objects"]),
    digest: toBigInt(row["digest"]),
  }));
}
