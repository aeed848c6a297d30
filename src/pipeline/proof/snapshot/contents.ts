import { checkOf, failed, fine, pending, told, type Check, type CheckHead, type Finding } from "../check.ts";
import type { KindClaim, ManifestClaim } from "./manifest.ts";
import type { StoredFact, StoredSnapshot } from "./stored.ts";
import type { KindTally } from "./tally.ts";

/** What `snapshot_kinds` says of one kind of one snapshot. */
export interface StoredKind {
  readonly group: string;
  readonly resource: string;
  readonly status: string;
  readonly reason: string | null;
  readonly objects: number;
  readonly digest: bigint;
}

/** A snapshot whose contents are compared: what its manifest claims and what the database shows. */
export interface ContentsEvidence {
  readonly manifest: ManifestClaim;
  /** Why there is nothing to compare; null when the snapshot is applied. */
  readonly absent: Finding | null;
  /** What its row says it holds. */
  readonly objects: number | null;
  readonly kinds: readonly StoredKind[];
  /** One tally for each kind that the manifest calls complete, by `kindKey`. */
  readonly tallies: ReadonlyMap<string, KindTally>;
}

/** One kind of one snapshot, both sides. */
export interface KindProof {
  readonly group: string;
  readonly resource: string;
  readonly status: string;
  readonly reason: string | null;
  readonly collected: number;
  /** Null when it was not counted: what was not listed completely cannot be compared. */
  readonly stored: number | null;
  readonly digest: "same" | "different" | "not compared";
}

export function kindKey({ group, resource }: { readonly group: string; readonly resource: string }): string {
  return `${group}/${resource}`;
}

export function kindProofs({ manifest, kinds, tallies }: ContentsEvidence): readonly KindProof[] {
  const stored = new Map(kinds.map((kind) => [kindKey(kind), kind]));
  return manifest.kinds.map((claim) => {
    const tally = tallies.get(kindKey(claim)) ?? null;
    const reason = stored.get(kindKey(claim))?.reason ?? null;
    const digest = tally === null ? "not compared" : isSame(claim, tally) ? "same" : "different";
    const { group, resource, status, objects } = claim;
    return { group, resource, status, reason, collected: objects, stored: tally?.objects ?? null, digest };
  });
}

/** As many objects of every complete kind are shown at the snapshot as its manifest counts. */
export function judgeCounts(snapshots: readonly ContentsEvidence[]): Check {
  const sum = (of: (proof: KindProof) => number): number =>
    snapshots.flatMap(kindProofs).reduce((all, proof) => all + (proof.stored === null ? 0 : of(proof)), 0);
  const head: CheckHead = {
    id: "counts",
    title: "as many objects are stored as were collected, kind by kind",
    expected: `${sum((proof) => proof.collected)} objects`,
    found: `${sum((proof) => proof.stored ?? 0)} objects`,
  };
  return checkOf(
    head,
    snapshots.flatMap((one) => (one.absent === null ? countOne(one) : [one.absent])),
  );
}

/** The stored documents are, byte for byte of their canonical form, those whose digest the manifest carries. */
export function judgeDigests(snapshots: readonly ContentsEvidence[]): Check {
  const compared = snapshots.flatMap(kindProofs).filter(({ digest }) => digest !== "not compared");
  const head: CheckHead = {
    id: "digest",
    title: "the stored objects are those that were collected, by their digests",
    expected: `${compared.length} digests`,
    found: `${compared.filter(({ digest }) => digest === "same").length} same`,
  };
  return checkOf(
    head,
    snapshots.flatMap((one) => (one.absent === null ? digestOne(one) : [one.absent])),
  );
}

function countOne(one: ContentsEvidence): readonly Finding[] {
  const { manifest, objects } = one;
  const proofs = kindProofs(one);
  const wrong = proofs.filter(({ stored, collected }) => stored !== null && stored !== collected);
  const counted = proofs.filter(({ stored }) => stored !== null);
  const total = counted.reduce((all, { collected }) => all + collected, 0);
  return [
    ...wrong.map(({ resource, stored, collected }) =>
      failed(`${resource}: ${collected} collected, ${stored ?? 0} stored`),
    ),
    ...(objects === manifest.objects
      ? []
      : [failed(`the snapshot's row says ${objects ?? 0} objects, its manifest ${manifest.objects}`)]),
    ...judgeKinds(one),
    ...(wrong.length > 0
      ? []
      : [fine(`${total} objects of ${counted.length} kinds in snapshot ${manifest.snapshot}`)]),
    ...proofs.filter(({ stored }) => stored === null).map(tellIncomplete),
  ];
}

function tellIncomplete({ resource, status, reason, collected }: KindProof): Finding {
  return told(`${resource} is ${status}: ${collected} read${reason === null ? "" : `, ${reason}`}`);
}

/** What `snapshot_kinds` repeats of the manifest, status by status. */
function judgeKinds({ manifest, kinds }: ContentsEvidence): readonly Finding[] {
  const claims = new Map(manifest.kinds.map((claim) => [kindKey(claim), claim]));
  const stored = new Map(kinds.map((kind) => [kindKey(kind), kind]));
  const odd = kinds.filter((kind) => !isRepeated(kind, claims.get(kindKey(kind))));
  const missing = manifest.kinds.filter((claim) => !stored.has(kindKey(claim)));
  return [
    ...odd.map(({ resource }) => failed(`${resource}: snapshot_kinds does not say what the manifest says`)),
    ...missing.map(({ resource }) => failed(`${resource}: snapshot_kinds has no row of it`)),
  ];
}

function isRepeated(kind: StoredKind, claim: KindClaim | undefined): boolean {
  return claim?.status === kind.status && claim.objects === kind.objects && claim.digest === kind.digest;
}

function digestOne({ manifest, tallies }: ContentsEvidence): readonly Finding[] {
  const findings = manifest.kinds.flatMap((claim) => {
    const tally = tallies.get(kindKey(claim));
    return tally === undefined ? [] : judgeDigest(claim, tally);
  });
  if (findings.length > 0) return findings;
  return tallies.size === 0
    ? [told(`no kind of snapshot ${manifest.snapshot} was listed completely`)]
    : [fine(`${tallies.size} kinds of snapshot ${manifest.snapshot}`)];
}

function judgeDigest(claim: KindClaim, tally: KindTally): readonly Finding[] {
  const { resource } = claim;
  const altered =
    tally.altered === 0
      ? []
      : [
          failed(
            `${resource}: ${tally.altered} documents are not those of their stored hash, such as uid ${tally.firstAltered ?? ""}`,
          ),
        ];
  const differs =
    tally.digest === claim.digest
      ? []
      : [failed(`${resource}: the digest of what is stored is not the manifest's`)];
  return [...altered, ...differs];
}

function isSame(claim: KindClaim, tally: KindTally): boolean {
  return tally.altered === 0 && tally.digest === claim.digest;
}

/** Why a snapshot's contents cannot be compared; null when they can. */
export function absence(
  { snapshot, status, row }: StoredSnapshot,
  reach: StoredFact["reach"],
): Finding | null {
  if (status === "applied" && row !== null) return null;
  if (status === "superseded" || status === "aborted")
    return told(`snapshot ${snapshot} is ${status}: nothing of it is stored`);
  const isOnItsWay = reach === "waiting" && status !== "applied";
  return isOnItsWay
    ? pending(`snapshot ${snapshot} is not consumed yet`)
    : failed(`nothing is stored of snapshot ${snapshot}`);
}
