import type { Double } from "../../pipeline/proof/double.ts";
import type { Connection } from "../connection.ts";
import { ask, textOrNull, toBigInt } from "./ask.ts";

/**
 * Constraints of the tables forbid all of these but the overlap; looked at all the same, because constraints are
 * dropped in migrations, restored without, or were never valid on a damaged index.
 */
const DOUBLED_SNAPSHOTS = `
  SELECT 'snapshots with several rows' AS what, count(*) AS times, min(example) AS example
    FROM (SELECT snapshot::text AS example FROM public.cluster_snapshots GROUP BY snapshot HAVING count(*) > 1) d
  UNION ALL
  SELECT 'sequence numbers given twice in a cluster', count(*), min(example)
    FROM (SELECT cluster_id || ' ' || seq AS example FROM public.cluster_snapshots
           GROUP BY cluster_id, seq HAVING count(*) > 1) d
  UNION ALL
  SELECT 'objects with several open versions', count(*), min(example)
    FROM (SELECT resource || ' ' || uid AS example FROM clusterflow.object_versions WHERE to_seq IS NULL
           GROUP BY cluster_id, api_group, resource, uid HAVING count(*) > 1) d
  UNION ALL
  SELECT 'versions that overlap the next one of their object', count(*), min(resource || ' ' || uid)
    FROM (SELECT resource, uid, to_seq,
                 lead(from_seq) OVER (PARTITION BY cluster_id, api_group, resource, uid ORDER BY from_seq, id) AS next_from
            FROM clusterflow.object_versions) v
   WHERE next_from < to_seq OR (to_seq IS NULL AND next_from IS NOT NULL)`;

const DOUBLED_DEAD_LETTERS = `
  SELECT 'dead letters kept twice' AS what, count(*) AS times, min(example) AS example
    FROM (SELECT topic || '[' || partition || '] offset ' || "offset" AS example FROM clusterflow.dead_letters
           GROUP BY "group", topic, partition, "offset" HAVING count(*) > 1) d`;

export async function readDoubledSnapshots(connection: Connection): Promise<readonly Double[]> {
  return (await ask(connection, DOUBLED_SNAPSHOTS)).map(toDouble);
}

export async function readDoubledDeadLetters(connection: Connection): Promise<readonly Double[]> {
  return (await ask(connection, DOUBLED_DEAD_LETTERS)).map(toDouble);
}

function toDouble(row: Readonly<Record<string, unknown>>): Double {
  return { what: String(row["what"]), times: toBigInt(row["times"]), example: textOrNull(row["example"]) };
}
