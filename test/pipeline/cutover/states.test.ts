import { describe, expect, it } from "vitest";
import { checkStep, nextCommand, planOf, STATES, type Step } from "../../../src/pipeline/cutover/states.ts";

const STEPS: readonly Step[] = ["start", "feed", "backfill", "verify", "finish", "retire", "rollback"];

function allowed(step: Step): readonly string[] {
  return STATES.filter((state) => {
    try {
      checkStep(step, state, "s");
      return true;
    } catch {
      return false;
    }
  });
}

describe("the way of a cut-over", () => {
  it("has each step in its states only", () => {
    expect(Object.fromEntries(STEPS.map((step) => [step, allowed(step).join(" ")]))).toEqual({
      start: "pg-only dual rolled-back",
      feed: "dual backfilled verified finishing",
      backfill: "dual backfilled verified",
      verify: "backfilled verified topic-primary",
      finish: "verified finishing topic-primary",
      retire: "topic-primary retired",
      rollback: "dual backfilled verified finishing topic-primary rolling-back rolled-back",
    });
  });

  it("names the step that is next, and one that is possible where it is named", () => {
    expect(nextCommand("dual", "mykart.clicks")).toBe("clusterflow cutover backfill --stream mykart.clicks");
    expect(nextCommand("retired", "s")).toBeNull();
    for (const state of STATES) {
      const step = / cutover (\w+) /.exec(nextCommand(state, "s") ?? "")?.[1] as Step | undefined;
      if (step !== undefined) expect(allowed(step)).toContain(state);
    }
  });

  it("refuses a step out of order, and says which is next", () => {
    expect(() => checkStep("finish", "backfilled", "s")).toThrow(
      expect.objectContaining({
        code: "refused",
        message: "cut-over of s is backfilled: finish is not possible now",
        hint: "clusterflow cutover verify --stream s",
      }) as Error,
    );
  });

  it("has a plan for every step that names the table", () => {
    const names = { stream: "s", table: "a.b", kept: "a.b_before_cutover", topic: "t" };
    for (const step of STEPS.filter((one) => one !== "feed"))
      expect(planOf(step, names).join(" ")).toContain("a.b");
  });
});
