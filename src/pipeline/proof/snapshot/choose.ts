/** Which snapshots are compared object by object. */
export type Selection =
  | { readonly kind: "latest" }
  | { readonly kind: "all" }
  | { readonly kind: "one"; readonly snapshot: string };

/** A sealed snapshot that may be chosen. */
export interface Candidate {
  readonly snapshot: string;
  /** When it was sealed or begun, any clock that orders them, in milliseconds. */
  readonly at: number;
  readonly status: string | null;
  /** Null where nobody knows it yet. */
  readonly cluster: string | null;
}

/**
 * The snapshots to compare. The latest is the last one sealed that was not aborted: those are never stored, by
 * rule. With none but such, it is the last of them; empty when there is no candidate at all.
 */
export function choose(selection: Selection, candidates: readonly Candidate[]): readonly string[] {
  switch (selection.kind) {
    case "one":
      return [selection.snapshot.toLowerCase()];
    case "all":
      return candidates.map(({ snapshot }) => snapshot);
    case "latest": {
      const storable = candidates.filter(({ status }) => status !== "aborted");
      return latest(storable.length > 0 ? storable : candidates);
    }
  }
}

function latest(candidates: readonly Candidate[]): readonly string[] {
  const last = candidates.reduce<Candidate | null>(
    (best, one) => (best === null || one.at >= best.at ? one : best),
    null,
  );
  return last === null ? [] : [last.snapshot];
}
