import { manifestOf, type ManifestClaim } from "../../pipeline/proof/snapshot/manifest.ts";
import type { Connection } from "../connection.ts";
import { ask } from "./ask.ts";

const MANIFEST = "SELECT manifest FROM clusterflow.snapshots WHERE snapshot = $1::uuid";

/** The database's own copy of a snapshot's manifest; null when there is none that can be read. */
export async function readManifest(connection: Connection, snapshot: string): Promise<ManifestClaim | null> {
  const [row] = await ask(connection, MANIFEST, [snapshot]);
  return manifestOf(row?.["manifest"]);
}
