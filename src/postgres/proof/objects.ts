import { parseDocument } from "../../core/exact-json.ts";
import type { StoredObject } from "../../pipeline/proof/snapshot/tally.ts";
import type { Connection, Row } from "../connection.ts";
import { ask, toBigInt } from "./ask.ts";

/** The key is (uid, id): with doubled rows, which are to be found here too, a uid alone would skip some. */
const OBJECTS = `
  SELECT id, uid, concat_ws('/', namespace, name) AS name, hash, doc::text AS doc
    FROM clusterflow.object_versions
   WHERE cluster_id = $1 AND api_group = $2 AND resource = $3
     AND from_seq <= $4::text::numeric AND (to_seq IS NULL OR to_seq > $4::text::numeric)
     AND (uid, id) > ($5, $6::bigint)
   ORDER BY uid, id
   LIMIT $7`;

/** Documents have some kilobytes, half a megabyte at most. */
const PAGE = 200;

export interface KindAt {
  readonly cluster: string;
  readonly group: string;
  readonly resource: string;
  /** The snapshot's number in its cluster, an exact decimal. */
  readonly seq: string;
}

/**
 * The objects of one kind as one snapshot shows them, page by page. A snapshot that is applied meanwhile changes nothing
 * of this: it says how things were from its own begin to the next one's.
 */
export async function* objectsAt(
  connection: Connection,
  { cluster, group, resource, seq }: KindAt,
): AsyncGenerator<readonly StoredObject[]> {
  let [uid, id] = ["", 0n];
  for (;;) {
    const rows = await ask(connection, OBJECTS, [cluster, group, resource, seq, uid, id, PAGE]);
    if (rows.length > 0) yield rows.map(toObject);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    [uid, id] = [String(last["uid"]), toBigInt(last["id"])];
  }
}

function toObject(row: Row): StoredObject {
  const doc = parseDocument(String(row["doc"]));
  return { uid: String(row["uid"]), name: String(row["name"]), hash: String(row["hash"]), doc };
}
