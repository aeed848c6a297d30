import { checkOf, failed, fine, pending, told, type Check, type CheckHead, type Finding } from "../check.ts";
import { formatDigest } from "../../../core/digest.ts";
import { endVersions } from "../statements.ts";
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
      failed(
        `${resource}: ${collected} collected, ${stored ?? 0} stored`,
        { expected: `${collected} ${resource}`, found: `${stored ?? 0} ${resource}` },
        { step: "collect" },
      ),
    ),
    ...(objects === manifest.objects ? [] : [rowDiffers(manifest.objects, objects ?? 0)]),
    ...judgeKinds(one),
    ...(wrong.length > 0
      ? []
      : [fine(`${total} objects of ${counted.length} kinds in snapshot ${manifest.snapshot}`)]),
    ...proofs.filter(({ stored }) => stored === null).map(tellIncomplete),
  ];
}

function rowDiffers(claimed: number, said: number): Finding {
  return failed(
    `the snapshot's row says ${said} objects, its manifest ${claimed}`,
    { expected: `${claimed} objects`, found: `${said} in its row` },
    { step: "collect" },
  );
}

function tellIncomplete({ resource, status, reason, collected }: KindProof): Finding {
  return told(`${resource} is ${status}: ${collected} read${reason === null ? "" : `, ${reason}`}`);
}

/** What `snapshot_kinds` repeats of the manifest, status by status. */
function judgeKinds({ manifest, kinds }: ContentsEvidence): readonly Finding[] {
  const claims = new Map(manifest.kinds.map((claim) => [kindKey(claim), claim]));
  const stored = new Map(kinds.map((kind) => [kindKey(kind), kind]));
  const missing = manifest.kinds.filter((claim) => !stored.has(kindKey(claim)));
  return [
    ...kinds.flatMap((kind) => judgeRepeated(kind, claims.get(kindKey(kind)))),
    ...missing.map(({ resource }) =>
      failed(
        `${resource}: snapshot_kinds has no row of it`,
        { expected: `a row of ${resource}`, found: "none" },
        { step: "collect" },
      ),
    ),
  ];
}

function judgeRepeated(kind: StoredKind, claim: KindClaim | undefined): readonly Finding[] {
  if (isRepeated(kind, claim)) return [];
  const expected = claim === undefined ? `no ${kind.resource}` : claimWords(claim);
  const text = `${kind.resource}: snapshot_kinds does not say what the manifest says`;
  return [failed(text, { expected, found: claimWords(kind) }, { step: "collect" })];
}

function claimWords({ resource, status, objects, digest }: KindClaim): string {
  return `${objects} ${resource} ${status} ${short(digest)}`;
}

/** Enough of a digest to see that two of them differ. */
function short(digest: bigint): string {
  return formatDigest(digest).slice(0, 8);
}

function isRepeated(kind: StoredKind, claim: KindClaim | undefined): boolean {
  return claim?.status === kind.status && claim.objects === kind.objects && claim.digest === kind.digest;
}

function digestOne({ manifest, tallies }: ContentsEvidence): readonly Finding[] {
  const altered = manifest.kinds.filter((claim) => (tallies.get(kindKey(claim))?.altered ?? 0) > 0);
  const statement = altered.length === 0 ? null : endVersions(manifest.cluster, altered);
  const findings = manifest.kinds.flatMap((claim) => {
    const tally = tallies.get(kindKey(claim));
    return tally === undefined ? [] : judgeDigest(claim, tally, statement);
  });
  if (findings.length > 0) return findings;
  return tallies.size === 0
    ? [told(`no kind of snapshot ${manifest.snapshot} was listed completely`)]
    : [fine(`${tallies.size} kinds of snapshot ${manifest.snapshot}`)];
}

/** `statement` lets the next snapshot write anew what it would otherwise take for unchanged. */
function judgeDigest(claim: KindClaim, tally: KindTally, statement: string | null): readonly Finding[] {
  const { resource } = claim;
  const remedy = { step: "collect", ...(statement === null ? {} : { statement }) } as const;
  const { altered, firstAltered } = tally;
  const changed =
    firstAltered === null
      ? []
      : [
          failed(
            `${resource}: ${altered} documents are not those of their stored hash, such as ${firstAltered.name} (uid ${firstAltered.uid})`,
            {
              expected: `${resource} ${firstAltered.name} ${firstAltered.hash.slice(0, 8)}`,
              found: firstAltered.actual.slice(0, 8),
            },
            remedy,
          ),
        ];
  const sides = {
    expected: `${resource} ${short(claim.digest)}`,
    found: `${resource} ${short(tally.digest)}`,
  };
  const differs =
    tally.digest === claim.digest
      ? []
      : [failed(`${resource}: the digest of what is stored is not the manifest's`, sides, remedy)];
  return [...changed, ...differs];
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
  if (status === "aborted" || (status === "superseded" && reach === "cut"))
    return told(`snapshot ${snapshot} is ${status}: nothing of it is stored`);
  const isOnItsWay = reach === "waiting" && status !== "applied";
  return isOnItsWay
    ? pending(`snapshot ${snapshot} is not consumed yet`)
    : failed(
        `nothing is stored of snapshot ${snapshot}`,
        { expected: "applied", found: status ?? "unknown" },
        { step: "collect" },
      );
}
