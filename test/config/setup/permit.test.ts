import { describe, expect, it } from "vitest";
import type { Asker } from "../../../src/config/setup/asker.ts";
import { permit } from "../../../src/config/setup/permit.ts";
import type { PlannedFile } from "../../../src/config/setup/plan.ts";

function planned(change: PlannedFile["change"], isEdited = false): PlannedFile {
  return { path: `env/${change}`, absolute: `/env/${change}`, change, isEdited, text: "", difference: [] };
}

const NOTHING = { takesDefaults: false, mayOverwrite: false, command: "clusterflow setup --yes" };

/** Answers every confirmation alike and remembers what was offered. */
function confirming(answer: boolean): Asker & { readonly offered: boolean[] } {
  const unexpected = (): never => {
    throw new Error("only a confirmation was to be asked");
  };
  const offered: boolean[] = [];
  const confirm = (_: string, initial: boolean): Promise<boolean> => {
    offered.push(initial);
    return Promise.resolve(answer);
  };
  return { offered, confirm, choose: unexpected, text: unexpected, secret: unexpected };
}

describe("permit", () => {
  it("lets new files pass without a word when nobody can be asked", async () => {
    const plan = [planned("create"), planned("keep")];
    expect(await permit(plan, NOTHING, null)).toEqual(plan);
  });

  it("refuses to replace a file unless it was allowed", async () => {
    const plan = [planned("replace"), planned("create")];
    await expect(permit(plan, NOTHING, null)).rejects.toMatchObject({ code: "usage" });
    expect(await permit(plan, { ...NOTHING, takesDefaults: true }, null)).toEqual(plan);
    expect(await permit(plan, { ...NOTHING, mayOverwrite: true }, null)).toEqual(plan);
  });

  it("keeps what was edited by hand, whatever --yes says, until --overwrite or a person says so", async () => {
    const plan = [planned("replace", true), planned("create")];
    const yes = { ...NOTHING, takesDefaults: true };
    await expect(permit(plan, yes, null)).rejects.toMatchObject({
      code: "usage",
      message: "env/replace would change, and was edited by hand; nothing was written",
      hint: "clusterflow setup --yes --overwrite",
    });
    expect(await permit(plan, { ...yes, mayOverwrite: true }, null)).toEqual(plan);
    expect(await permit(plan, yes, confirming(true))).toEqual(plan);
    await expect(permit(plan, yes, confirming(false))).rejects.toMatchObject({ code: "refused" });
    const stale = [planned("create"), planned("retire", true)];
    expect(await permit(stale, yes, null)).toEqual([planned("create")]);
  });

  it("leaves a stale file where it is unless it was allowed to go", async () => {
    const plan = [planned("create"), planned("retire")];
    expect(await permit(plan, NOTHING, null)).toEqual([planned("create")]);
    expect(await permit(plan, { ...NOTHING, mayOverwrite: true }, null)).toEqual(plan);
  });

  it("asks who is there, with No as the answer at hand when something would be replaced", async () => {
    const asker = confirming(true);
    await permit([planned("replace")], NOTHING, asker);
    await permit([planned("create")], NOTHING, asker);
    await permit([planned("keep")], NOTHING, asker);
    expect(asker.offered).toEqual([false, true]);
    await expect(permit([planned("create")], NOTHING, confirming(false))).rejects.toMatchObject({
      code: "refused",
    });
  });
});
