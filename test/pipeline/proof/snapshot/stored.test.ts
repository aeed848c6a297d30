import { describe, expect, it } from "vitest";
import {
  judgeStored,
  type StoredFact,
  type StoredSnapshot,
} from "../../../../src/pipeline/proof/snapshot/stored.ts";
import { applied, unknown } from "./make-traces.ts";

const good: StoredFact = { stored: applied, seal: "sealed", reach: "whole", why: null, scope: "asked" };

function judge(changes: Partial<StoredFact>): [string, string] {
  const { status, detail } = judgeStored([{ ...good, ...changes }]);
  return [status, detail];
}
const as = (status: string, changes: Partial<StoredSnapshot> = {}): StoredSnapshot => ({
  ...unknown,
  status,
  ...changes,
});

describe("a sealed snapshot that was consumed", () => {
  it("is ok with one row", () => {
    expect(judgeStored([good])).toMatchObject({ status: "ok", expected: "1 rows", found: "1 rows" });
  });

  it("fails without a row, and with two", () => {
    expect(judge({ stored: { ...applied, rows: 0, row: null } })).toEqual([
      "failed",
      expect.stringContaining("snapshot s-1 was applied, but cluster_snapshots has no row of it"),
    ]);
    expect(judge({ stored: { ...applied, rows: 2 } })[1]).toContain("is in cluster_snapshots 2 times");
  });

  it("fails when the database never heard of it", () => {
    expect(judge({ stored: unknown })).toEqual([
      "failed",
      "snapshot s-1 was consumed, but the database never heard of it",
    ]);
  });

  it("fails when it is still open, with what is known of why", () => {
    const why = "its message at partition 0, offset 12 is a dead letter";
    expect(judge({ stored: as("open", { staged: 3 }), why })).toEqual([
      "failed",
      `snapshot s-1 has its seal, but is still open with 3 parts staged (${why})`,
    ]);
  });

  it("fails when it was refused, with the reason", () => {
    expect(judge({ stored: as("mismatched", { reason: "pods: 1 came" }) })).toEqual([
      "failed",
      "snapshot s-1 was refused as a whole: pods: 1 came",
    ]);
  });

  it("is history once a later one of its cluster is stored, unless it is lost", () => {
    const scope = "outlived";
    expect(judge({ scope, stored: as("mismatched", { reason: "pods: 1 came" }) })).toEqual([
      "told",
      "snapshot s-1 was refused as a whole: pods: 1 came",
    ]);
    expect(judge({ scope, stored: unknown })[0]).toBe("failed");
    expect(judge({ scope, stored: { ...applied, rows: 2 } })[0]).toBe("failed");
  });

  it("is told whatever it is when somebody asks about another", () => {
    for (const stored of [unknown, as("mismatched"), { ...applied, rows: 0, row: null }]) {
      const scope = "aside";
      expect(judgeStored([{ ...good, scope, stored }])).toMatchObject({
        status: stored.status === "applied" ? "ok" : "told",
        remedy: null,
      });
    }
  });

  it("shows what differs", () => {
    const faults = [unknown, as("open"), as("mismatched"), { ...applied, rows: 0, row: null }];
    const checks = faults.map((stored) => judgeStored([{ ...good, stored }]));
    expect(checks.map(({ expected, found }) => [expected, found])).toEqual([
      ["applied", "unknown"],
      ["applied", "open"],
      ["applied", "refused"],
      ["1 row", "0 rows"],
    ]);
  });

  it("is told when it is aborted", () => {
    expect(judge({ stored: as("aborted", { reason: "because" }) })).toEqual([
      "told",
      "snapshot s-1 is aborted: because",
    ]);
  });

  it("fails when it was given up, though all of it is there", () => {
    expect(judge({ stored: as("superseded", { reason: "because" }) })).toEqual([
      "failed",
      "snapshot s-1 has its seal, but was given up: because",
    ]);
  });

  it.each(["open", "superseded", "mismatched", "aborted"])("fails when it is %s and has a row", (status) => {
    expect(judge({ stored: { ...applied, status } })[0]).toBe("failed");
  });

  it("fails when it has a row that nobody accounts for", () => {
    expect(judge({ stored: { ...applied, status: null } })[1]).toContain("although it is unknown");
  });
});

describe("a sealed snapshot of which the consumer cannot have seen everything", () => {
  it.each([null, "open", "mismatched"])("is told when its status is %s", (status) => {
    expect(judge({ reach: "cut", why: "retention", stored: { ...unknown, status } })[0]).toBe("told");
  });

  it("is ok when it was applied", () => {
    expect(judge({ reach: "cut" })[0]).toBe("ok");
  });
});

describe("a sealed snapshot that is not consumed", () => {
  it("is pending when it is the one in question, and told otherwise", () => {
    expect(judge({ reach: "waiting", stored: unknown })).toEqual([
      "pending",
      "snapshot s-1 is not consumed yet",
    ]);
    expect(judge({ reach: "waiting", stored: as("open"), scope: "watched" })[0]).toBe("told");
  });

  it("may have been applied already, when messages of it come again", () => {
    expect(judge({ reach: "waiting" })).toEqual(["told", "there is nothing to look at"]);
  });
});

describe("a snapshot that was never sealed", () => {
  const open: Partial<StoredFact> = { seal: "unsealed", stored: as("open") };

  it("fails when it has a row", () => {
    expect(judge({ seal: "unsealed" })).toEqual([
      "failed",
      "snapshot s-1 is in cluster_snapshots although it was never sealed",
    ]);
  });

  it.each(["waiting", "cut"] as const)(
    "is told with a row when its seal may lie outside of what was read (%s)",
    (reach) => {
      expect(judge({ seal: "unsealed", reach })[0]).toBe("told");
    },
  );

  it("is no matter unless somebody asks for it", () => {
    expect(judge({ ...open, scope: "watched" })[1]).toBe("there is nothing to look at");
    expect(judge(open)).toEqual(["pending", "snapshot s-1 is not sealed yet"]);
    expect(judge({ ...open, stored: as("aborted", { reason: "interrupted" }) })).toEqual([
      "told",
      "snapshot s-1 is aborted: interrupted",
    ]);
  });
});
