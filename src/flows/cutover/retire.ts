import { ClusterflowError } from "../../core/errors.ts";
import { checkStep } from "../../pipeline/cutover/states.ts";
import { note } from "../../postgres/cutover/desk.ts";
import { dropTable } from "../../postgres/cutover/moves.ts";
import { keptName } from "../../postgres/cutover/source-table.ts";
import { whileHeld } from "./hold.ts";
import { outcome, type Outcome } from "./outcome.ts";
import { ask, begunCutover, endsOf, standingsOf, type World } from "./world.ts";

/** Drops the table that was renamed, when its time is over and somebody has named it; there is no way back then. */
export async function retireCutover(world: World, named: string | null): Promise<Outcome> {
  checkStep("retire", (await begunCutover(world)).state, world.stream.name);
  return whileHeld(world, async (held) => {
    const before = await held.cutover();
    checkStep("retire", before.state, before.stream);
    const kept = keptName(before).join(".");
    if (before.state === "retired") return outcome("retire", before, `${kept} is gone already`);
    const { retireAfter } = before;
    if (retireAfter !== null && retireAfter.getTime() > Date.now())
      throw refused(`${kept} is kept until ${retireAfter.toISOString()}`, before.stream);
    if (named !== kept)
      throw new ClusterflowError(`${kept} would be dropped for good, so it has to be named`, {
        code: "refused",
        hint: `clusterflow cutover retire --stream ${before.stream} --drop ${kept}`,
      });
    const ends = endsOf(await standingsOf(world));
    await ask(world, async () => {
      const now = await held.cutover();
      if (now.state === "retired") return;
      const first = dropTable(now.stream, now);
      await note(world.source, now, { step: "retire", state: "retired", ends, first });
    });
    return outcome("retire", await held.cutover(), `${kept} is dropped`);
  });
}

function refused(sentence: string, stream: string): ClusterflowError {
  return new ClusterflowError(sentence, {
    code: "refused",
    hint: `until then there is a way back: clusterflow cutover rollback --stream ${stream} --dry-run`,
  });
}
