import type { ManifestClaim } from "../../../../src/pipeline/proof/snapshot/manifest.ts";
import { PartSet } from "../../../../src/pipeline/proof/snapshot/part-set.ts";
import type { StoredRow, StoredSnapshot } from "../../../../src/pipeline/proof/snapshot/stored.ts";
import type { SealedTrace } from "../../../../src/pipeline/proof/snapshot/topic.ts";
import type { SnapshotTrace } from "../../../../src/pipeline/proof/snapshot/trace.ts";
import type { Reach } from "../../../../src/pipeline/proof/snapshot/untouched.ts";

export const manifest: ManifestClaim = {
  snapshot: "s-1",
  cluster: "c-1",
  startedAt: "2026-05-01T00:00:00Z",
  parts: 4,
  objects: 3,
  kinds: [{ group: "", resource: "pods", status: "complete", objects: 3, digest: 7n }],
};

/** A snapshot of four parts and its seal, whole, at offsets 10..14 of partition 0. */
export function traced(
  changes: Partial<SealedTrace> = {},
  parts: readonly number[] = [1, 2, 3, 4],
): SealedTrace {
  const set = new PartSet();
  parts.forEach((part) => set.add(part));
  return {
    snapshot: "s-1",
    partition: 0,
    first: 10n,
    last: 14n,
    messages: 5,
    strays: new Set(),
    parts: set,
    repeated: 0,
    seal: { offset: 14n, timestamp: 1_000_000, manifest },
    aborted: null,
    refusedAt: null,
    ...changes,
  };
}

export function unsealed(
  changes: Partial<SnapshotTrace> = {},
  parts: readonly number[] = [1, 2],
): SnapshotTrace {
  return { ...traced({}, parts), snapshot: "s-2", seal: null, last: 11n, messages: 2, ...changes };
}

export const row: StoredRow = {
  id: 1n,
  cluster: "c-1",
  seq: "1",
  transport: "kafka",
  writtenAt: 1_000_500,
  objects: 3,
};
export const applied: StoredSnapshot = {
  snapshot: "s-1",
  status: "applied",
  reason: null,
  rows: 1,
  row,
  staged: 0,
};
export const unknown: StoredSnapshot = {
  snapshot: "s-1",
  status: null,
  reason: null,
  rows: 0,
  row: null,
  staged: 0,
};
export const past: Reach = { next: 15n, first: 0n, epoch: 1n, others: null };
export const before: Reach = { next: 10n, first: 0n, epoch: 1n, others: null };
