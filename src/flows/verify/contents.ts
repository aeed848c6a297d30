import type { Finding } from "../../pipeline/proof/check.ts";
import { absence, kindKey, type ContentsEvidence } from "../../pipeline/proof/snapshot/contents.ts";
import type { ManifestClaim } from "../../pipeline/proof/snapshot/manifest.ts";
import type { StoredFact, StoredRow } from "../../pipeline/proof/snapshot/stored.ts";
import { KindTally } from "../../pipeline/proof/snapshot/tally.ts";
import type { Connection } from "../../postgres/connection.ts";
import { readKinds } from "../../postgres/proof/kinds.ts";
import { objectsAt } from "../../postgres/proof/objects.ts";

/**
 * Counts and hashes everything that is stored of a snapshot, against its manifest. Memory holds one page at a time. Without
 * a connection there is nothing stored to look at.
 */
export async function measureContents(
  connection: Connection | null,
  manifest: ManifestClaim,
  { stored, reach }: StoredFact,
  signal: AbortSignal,
): Promise<ContentsEvidence> {
  const absent = absence(stored, reach);
  if (absent !== null || stored.row === null || connection === null) return nothingOf(manifest, absent);
  const tallies = new Map<string, KindTally>();
  for (const claim of manifest.kinds.filter(({ status }) => status === "complete")) {
    const { group, resource } = claim;
    tallies.set(kindKey(claim), await tallyOf(connection, stored.row, { group, resource }, signal));
  }
  const kinds = await readKinds(connection, stored.row.id);
  return { manifest, absent: null, objects: stored.row.objects, kinds, tallies };
}

function nothingOf(manifest: ManifestClaim, absent: Finding | null): ContentsEvidence {
  return { manifest, absent, objects: null, kinds: [], tallies: new Map() };
}

async function tallyOf(
  connection: Connection,
  { cluster, seq }: StoredRow,
  kind: { readonly group: string; readonly resource: string },
  signal: AbortSignal,
): Promise<KindTally> {
  const tally = new KindTally();
  for await (const page of objectsAt(connection, { cluster, seq, ...kind })) {
    signal.throwIfAborted();
    for (const object of page) tally.add(object);
  }
  return tally;
}
