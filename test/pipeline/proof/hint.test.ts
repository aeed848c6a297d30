import { describe, expect, it } from "vitest";
import type { Check, CheckStatus, Remedy } from "../../../src/pipeline/proof/check.ts";
import { nextStep } from "../../../src/pipeline/proof/hint.ts";
import type { Findings } from "../../../src/pipeline/proof/proof.ts";

const check = (status: CheckStatus, remedy: Remedy | null): Check => ({
  id: "stored",
  title: "",
  status,
  detail: "",
  expected: null,
  found: null,
  remedy,
});
const usual: Findings = {
  mode: "hybrid-kafka",
  topic: "cluster-info",
  group: "cluster-info-consumer",
  otherGroups: [],
  snapshots: [],
  refused: [],
  partitions: [],
  checks: [],
};
const own = { topic: "t", group: "g" };
const legacy = { mode: "legacy", topic: null, group: null } as const;
function wrong(remedy: Remedy, changes: Partial<Findings> = {}): string | null {
  return nextStep("wrong", { ...usual, ...changes, checks: [check("failed", remedy)] });
}

describe("the next command", () => {
  it("is none when all is proven", () => expect(nextStep("proven", usual)).toBeNull());

  it.each<[Remedy["step"], string, string, string]>([
    [
      "collect",
      "clusterflow collect && clusterflow consume --until-end",
      "clusterflow collect --topic t && clusterflow consume --until-end --topic t --group g",
      "clusterflow collect",
    ],
    [
      "replay",
      "clusterflow consume --from earliest --until-end",
      "clusterflow consume --from earliest --until-end --topic t --group g",
      "clusterflow collect",
    ],
    [
      "refill",
      "clusterflow consume --until-end --db-name AN-EMPTY-DATABASE",
      "clusterflow consume --until-end --topic t --group g --db-name AN-EMPTY-DATABASE",
      "clusterflow collect --db-name AN-EMPTY-DATABASE",
    ],
    [
      "list",
      "clusterflow verify --all",
      "clusterflow verify --all --topic t --group g",
      "clusterflow verify --all",
    ],
  ])("for %s carries the names that are not the defaults", (step, byDefault, named, alone) => {
    expect([wrong({ step }), wrong({ step }, own), wrong({ step }, legacy)]).toEqual([
      byDefault,
      named,
      alone,
    ]);
  });

  it("comes after what has to be done in the database", () => {
    expect(wrong({ step: "collect", statement: "UPDATE x" })).toBe(
      "in the database: UPDATE x; then: clusterflow collect && clusterflow consume --until-end",
    );
  });

  it("looks at the database alone when the topic holds nothing any more", () => {
    const checks = [check("pending", { step: "legacy" })];
    expect(nextStep("in-flight", { ...usual, checks })).toBe("clusterflow verify --mode legacy");
  });
});
