import { describe, expect, it } from "vitest";
import {
  absence,
  judgeCounts,
  judgeDigests,
  kindKey,
  kindProofs,
  type ContentsEvidence,
} from "../../../../src/pipeline/proof/snapshot/contents.ts";
import { KindTally } from "../../../../src/pipeline/proof/snapshot/tally.ts";
import { told } from "../../../../src/pipeline/proof/check.ts";
import { applied, manifest, unknown } from "./make-traces.ts";

const pods = { group: "", resource: "pods", status: "complete", objects: 3, digest: 7n };
const secrets = { group: "", resource: "secrets", status: "forbidden", objects: 0, digest: 0n };

function tallied(changes: Partial<KindTally> = {}): ReadonlyMap<string, KindTally> {
  const same = { objects: 3, digest: 7n, altered: 0, firstAltered: null as KindTally["firstAltered"] };
  return new Map([[kindKey(pods), Object.assign(new KindTally(), same, changes)]]);
}
const good: ContentsEvidence = {
  manifest: { ...manifest, kinds: [pods, secrets] },
  absent: null,
  objects: 3,
  kinds: [
    { ...pods, reason: null },
    { ...secrets, reason: "no right to list" },
  ],
  tallies: tallied(),
};
function counts(changes: Partial<ContentsEvidence>): [string, string] {
  const { status, detail } = judgeCounts([{ ...good, ...changes }]);
  return [status, detail];
}
function digests(changes: Partial<ContentsEvidence>): [string, string] {
  const { status, detail } = judgeDigests([{ ...good, ...changes }]);
  return [status, detail];
}

describe("counts", () => {
  it("are ok when as much is stored as was collected; what was not listed completely is told", () => {
    expect(judgeCounts([good])).toMatchObject({ status: "ok", expected: "3 objects", found: "3 objects" });
    expect(counts({})[1]).toBe(
      "3 objects of 1 kinds in snapshot s-1; secrets is forbidden: 0 read, no right to list",
    );
  });

  it.each([2, 4])("fail when %d of 3 objects are stored", (objects) => {
    expect(counts({ tallies: tallied({ objects }) })).toEqual([
      "failed",
      expect.stringContaining(`pods: 3 collected, ${objects} stored`),
    ]);
  });

  it("fail when the snapshot's row says another number", () => {
    expect(counts({ objects: 4 })[1]).toContain("the snapshot's row says 4 objects, its manifest 3");
  });

  it.each([{ status: "partial" }, { objects: 2 }, { digest: 8n }])(
    "fail when snapshot_kinds says %o",
    (change) => {
      expect(counts({ kinds: [{ ...pods, reason: null, ...change }, good.kinds[1]!] })).toEqual([
        "failed",
        expect.stringContaining("pods: snapshot_kinds does not say what the manifest says"),
      ]);
    },
  );

  it("fail when snapshot_kinds lacks a kind or has one too many", () => {
    expect(counts({ kinds: [good.kinds[0]!] })[1]).toContain("secrets: snapshot_kinds has no row of it");
    expect(counts({ kinds: [...good.kinds, { ...pods, resource: "jobs", reason: null }] })[1]).toContain(
      "jobs: ",
    );
  });
});

describe("digests", () => {
  it("are ok when the stored documents are those of the manifest", () => {
    expect(judgeDigests([good])).toMatchObject({ status: "ok", expected: "1 digests", found: "1 same" });
  });

  it("fail when they are not", () => {
    expect(digests({ tallies: tallied({ digest: 8n }) })).toEqual([
      "failed",
      "pods: the digest of what is stored is not the manifest's",
    ]);
    const digest = 8n << 224n;
    expect(judgeDigests([{ ...good, tallies: tallied({ digest }) }])).toMatchObject({
      expected: "pods 00000000",
      found: "pods 00000008",
    });
  });

  it("fail when a document does not have the hash beside it, though the digest is right", () => {
    const firstAltered = { uid: "uid-a", name: "shop/a", hash: "0123456789", actual: "9876543210" };
    const tallies = tallied({ altered: 1, firstAltered });
    expect(digests({ tallies })).toEqual([
      "failed",
      "pods: 1 documents are not those of their stored hash, such as shop/a (uid uid-a)",
    ]);
    expect(judgeDigests([{ ...good, tallies }])).toMatchObject({
      expected: "pods shop/a 01234567",
      found: "98765432",
    });
  });

  it("are told when no kind was listed completely", () => {
    expect(digests({ tallies: new Map() })[0]).toBe("told");
  });
});

it("tells of each kind both sides", () => {
  expect(kindProofs(good)).toEqual([
    {
      group: "",
      resource: "pods",
      status: "complete",
      reason: null,
      collected: 3,
      stored: 3,
      digest: "same",
    },
    {
      group: "",
      resource: "secrets",
      status: "forbidden",
      reason: "no right to list",
      collected: 0,
      stored: null,
      digest: "not compared",
    },
  ]);
  expect(kindProofs({ ...good, tallies: tallied({ digest: 8n }) })[0]?.digest).toBe("different");
});

describe("a snapshot that is not there", () => {
  it("has nothing to compare, for the reason given", () => {
    const absent = told("it is superseded");
    expect(counts({ absent })).toEqual(["told", "it is superseded"]);
    expect(digests({ absent })).toEqual(["told", "it is superseded"]);
  });

  it.each([
    ["applied", "whole", null],
    ["applied", "waiting", null],
    ["superseded", "whole", "failed"],
    ["superseded", "cut", "told"],
    ["aborted", "whole", "told"],
    ["mismatched", "whole", "failed"],
    ["open", "whole", "failed"],
    ["open", "cut", "failed"],
    ["open", "waiting", "pending"],
    [null, "waiting", "pending"],
    [null, "whole", "failed"],
  ] as const)("when it is %s and %s is %s", (status, reach, expected) => {
    const stored = status === "applied" ? applied : { ...unknown, status };
    expect(absence(stored, reach)?.status ?? null).toBe(expected);
  });

  it("is wrong when it was applied and its row is gone", () => {
    expect(absence({ ...applied, rows: 0, row: null }, "waiting")?.status).toBe("failed");
  });
});
