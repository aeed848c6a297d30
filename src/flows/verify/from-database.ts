import { checkOf, failed, pending, type Check } from "../../pipeline/proof/check.ts";
import { judgeDoubles } from "../../pipeline/proof/double.ts";
import {
  isRefused,
  type Findings,
  type ProvenSnapshot,
  type RefusedSnapshot,
} from "../../pipeline/proof/proof.ts";
import { choose, type Candidate, type Selection } from "../../pipeline/proof/snapshot/choose.ts";
import {
  judgeCounts,
  judgeDigests,
  kindProofs,
  type ContentsEvidence,
} from "../../pipeline/proof/snapshot/contents.ts";
import { scopesOf, type ScopeOf } from "../../pipeline/proof/snapshot/scope.ts";
import { judgeStored, STORED_HEAD, type StoredFact } from "../../pipeline/proof/snapshot/stored.ts";
import type { Connection } from "../../postgres/connection.ts";
import { readDoubledSnapshots } from "../../postgres/proof/doubles.ts";
import { hasSchema } from "../../postgres/proof/has-schema.ts";
import { readManifest } from "../../postgres/proof/manifest.ts";
import { readKnown, type KnownSnapshot } from "../../postgres/proof/stored-snapshots.ts";
import { measureContents } from "./contents.ts";

const HEAD = { mode: "legacy", topic: null, group: null, otherGroups: [], partitions: [] } as const;

/** Holds the tables against the manifests that the database itself keeps: all there is without Kafka. */
export async function verifyFromDatabase(
  selection: Selection,
  connection: Connection,
  signal: AbortSignal,
): Promise<Findings> {
  const known = (await hasSchema(connection)) ? await readKnown(connection) : [];
  const candidates = candidatesOf(known);
  const chosen = new Set(choose(selection, candidates));
  const absent = absentCheck(known, chosen);
  if (absent !== null) return { ...HEAD, snapshots: [], refused: [], checks: [absent] };
  const facts = known.map((one) => factOf(one, scopesOf(selection, candidates)));
  const contents = await measureChosen(connection, facts, chosen, signal);
  return {
    ...HEAD,
    snapshots: known
      .filter(({ stored }) => chosen.has(stored.snapshot))
      .map((one) => provenOf(one, contents)),
    refused: known.filter(({ stored }) => isRefused(stored)).map(refusedOf),
    checks: [
      judgeStored(facts),
      judgeCounts(contents),
      judgeDigests(contents),
      judgeDoubles(await readDoubledSnapshots(connection)),
    ],
  };
}

/** Sealed ones; only when there is none, those that are on their way. */
function candidatesOf(known: readonly KnownSnapshot[]): readonly Candidate[] {
  const sealed = known.filter(({ seal }) => seal === "sealed");
  const open = known.filter(({ stored }) => stored.status === "open");
  return (sealed.length > 0 ? sealed : open).map(({ stored: { snapshot, status }, cluster, startedAt }) => {
    return { snapshot, status, cluster, at: startedAt ?? 0 };
  });
}

function absentCheck(known: readonly KnownSnapshot[], chosen: ReadonlySet<string>): Check | null {
  if (chosen.size === 0) {
    const none = "no snapshot was ever collected into this database: there is nothing to prove yet";
    return checkOf(STORED_HEAD, [pending(none, { step: "collect" })]);
  }
  const ids = new Set(known.map(({ stored }) => stored.snapshot));
  const missing = [...chosen].filter((snapshot) => !ids.has(snapshot));
  if (missing.length === 0) return null;
  return checkOf(
    STORED_HEAD,
    missing.map((snapshot) =>
      failed(
        `snapshot ${snapshot} is not in the database`,
        { expected: "that snapshot", found: "others" },
        { step: "list" },
      ),
    ),
  );
}

/** Without a topic nobody can say that more is to come. What older snapshots came to is history, and is told. */
function factOf({ stored, seal }: KnownSnapshot, scopeOf: ScopeOf): StoredFact {
  const scope = scopeOf(stored.snapshot);
  if (scope === "asked" || seal === "unsealed") return { stored, seal, scope, reach: "whole", why: null };
  return { stored, seal, scope, reach: "cut", why: "some of its parts never came" };
}

async function measureChosen(
  connection: Connection,
  facts: readonly StoredFact[],
  chosen: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly ContentsEvidence[]> {
  const measured: ContentsEvidence[] = [];
  for (const fact of facts.filter(({ stored, seal }) => seal === "sealed" && chosen.has(stored.snapshot))) {
    const { snapshot } = fact.stored;
    const manifest = await readManifest(connection, snapshot);
    measured.push(
      manifest === null ? unreadable(snapshot) : await measureContents(connection, manifest, fact, signal),
    );
  }
  return measured;
}

function unreadable(snapshot: string): ContentsEvidence {
  const manifest = { snapshot, cluster: "", startedAt: "", parts: 0, objects: 0, kinds: [] };
  const absent = failed(
    `the manifest that is kept of snapshot ${snapshot} cannot be read`,
    { expected: "a manifest", found: "something else" },
    { step: "collect" },
  );
  return { manifest, absent, objects: null, kinds: [], tallies: new Map() };
}

function refusedOf({ stored: { snapshot, status, reason }, cluster }: KnownSnapshot): RefusedSnapshot {
  return { snapshot, cluster, status, reason };
}

function provenOf({ stored, cluster }: KnownSnapshot, contents: readonly ContentsEvidence[]): ProvenSnapshot {
  const { snapshot, status, reason } = stored;
  const evidence = contents.find(({ manifest }) => manifest.snapshot === snapshot);
  return {
    snapshot,
    cluster,
    status,
    reason,
    lies: null,
    kinds: evidence === undefined ? [] : kindProofs(evidence),
  };
}
