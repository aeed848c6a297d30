import { expect, it } from "vitest";
import type { Candidate, Selection } from "../../../../src/pipeline/proof/snapshot/choose.ts";
import { scopesOf, type Scope } from "../../../../src/pipeline/proof/snapshot/scope.ts";

const candidate = (snapshot: string, at: number, status: string | null, cluster = "c-1"): Candidate => ({
  snapshot,
  cluster,
  at,
  status,
});
const candidates = [
  candidate("torn", 1, "open"),
  candidate("good", 2, "applied"),
  candidate("other", 1, "open", "c-2"),
  candidate("none", 3, "aborted"),
];
function scopes(selection: Selection): readonly Scope[] {
  const scopeOf = scopesOf(selection, candidates);
  return ["torn", "good", "other", "none", "unheard"].map(scopeOf);
}

it("asks about the latest, and takes as history what a later snapshot of the same cluster has overtaken", () => {
  expect(scopes({ kind: "latest" })).toEqual(["outlived", "asked", "watched", "watched", "watched"]);
});

it("asks about all of them", () => {
  expect(scopes({ kind: "all" })).toEqual(["asked", "asked", "asked", "asked", "watched"]);
});

it("leaves everything aside but the one that is named", () => {
  expect(scopes({ kind: "one", snapshot: "TORN" })).toEqual(["asked", "aside", "aside", "aside", "aside"]);
});
