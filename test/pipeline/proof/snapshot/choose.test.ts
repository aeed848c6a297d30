import { expect, it } from "vitest";
import { choose, type Candidate } from "../../../../src/pipeline/proof/snapshot/choose.ts";

const candidate = (snapshot: string, at: number, status: string | null = "applied"): Candidate => ({
  snapshot,
  cluster: "c-1",
  at,
  status,
});

it("takes the one that was sealed last, in whatever order they are known", () => {
  expect(choose({ kind: "latest" }, [candidate("a", 3), candidate("b", 9), candidate("c", 5)])).toEqual([
    "b",
  ]);
  expect(choose({ kind: "latest" }, [candidate("a", 3), candidate("b", 3)])).toEqual(["b"]);
  expect(choose({ kind: "latest" }, [])).toEqual([]);
});

it("passes over those that are never stored, unless there are no others", () => {
  const never = [candidate("b", 9, "aborted"), candidate("c", 10, "aborted")];
  expect(choose({ kind: "latest" }, [candidate("a", 3), ...never])).toEqual(["a"]);
  expect(choose({ kind: "latest" }, never)).toEqual(["c"]);
});

it("does not pass over one that went wrong or is on its way", () => {
  for (const status of ["mismatched", "superseded", "open", null]) {
    expect(choose({ kind: "latest" }, [candidate("a", 3), candidate("b", 9, status)])).toEqual(["b"]);
  }
});

it("takes all, or the one that is named, known or not", () => {
  expect(choose({ kind: "all" }, [candidate("a", 3), candidate("b", 9, "superseded")])).toEqual(["a", "b"]);
  expect(choose({ kind: "one", snapshot: "ABC" }, [candidate("a", 3)])).toEqual(["abc"]);
});
