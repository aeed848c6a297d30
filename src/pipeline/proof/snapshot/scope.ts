import { choose, type Candidate, type Selection } from "./choose.ts";

/**
 * How much a snapshot's faults matter. `asked`: it is compared object by object. `watched`: whatever went wrong with it
 * is wrong. `outlived`: a later snapshot of its cluster is stored, so that one which was torn or refused is history; one
 * that got lost is wrong. `aside`: somebody asks about another one by name.
 */
export type Scope = "asked" | "watched" | "outlived" | "aside";

/** Says the scope of any snapshot, known or not. */
export type ScopeOf = (snapshot: string) => Scope;

export function scopesOf(selection: Selection, candidates: readonly Candidate[]): ScopeOf {
  const chosen = new Set(choose(selection, candidates));
  const lastApplied = new Map<string | null, number>();
  for (const { cluster, at, status } of candidates) {
    if (status === "applied") lastApplied.set(cluster, Math.max(at, lastApplied.get(cluster) ?? at));
  }
  const outlived = new Set(
    candidates
      .filter(({ cluster, at }) => at < (lastApplied.get(cluster) ?? at))
      .map(({ snapshot }) => snapshot),
  );
  return (snapshot) => {
    if (chosen.has(snapshot)) return "asked";
    if (selection.kind === "one") return "aside";
    return outlived.has(snapshot) ? "outlived" : "watched";
  };
}
