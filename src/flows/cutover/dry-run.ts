import { checkStep, planOf, type State, type Step } from "../../pipeline/cutover/states.ts";
import type { SourceTable } from "../../postgres/cutover/source-table.ts";
import { namesOf, chosenTable, remarksOn, type Plan } from "./plan.ts";
import { checkWayBack, type RollbackOptions } from "./rollback.ts";
import { begunCutover, cutoverOf, standingsOf, type CutoverOptions, type World } from "./world.ts";

/** What one step would do. Throws as the step would, and changes nothing. */
export async function planStep(
  world: World,
  step: Step,
  options: CutoverOptions & RollbackOptions,
): Promise<Plan> {
  if (step === "start") return planStart(world, options);
  const cutover = await begunCutover(world);
  checkStep(step, cutover.state, world.stream.name);
  if (step === "rollback") await checkWayBack(world, cutover, await standingsOf(world), options);
  return planFor(world, step, cutover.state, cutover, []);
}

async function planStart(world: World, options: CutoverOptions): Promise<Plan> {
  const cutover = await cutoverOf(world);
  const state = cutover?.state ?? "pg-only";
  checkStep("start", state, world.stream.name);
  const source = await chosenTable(world, cutover, options);
  const remarks = state === "dual" ? [] : await remarksOn(world, source);
  return planFor(world, "start", state, source, remarks);
}

function planFor(
  world: World,
  step: Step,
  state: State,
  source: Pick<SourceTable, "table">,
  remarks: readonly string[],
): Plan {
  const steps = [{ step, will: planOf(step, namesOf(world, source)) }];
  return { stream: world.stream.name, state, steps, remarks };
}
