import { checkStep } from "../../pipeline/cutover/states.ts";
import { reached } from "../../pipeline/points.ts";
import { note, offsetsJson } from "../../postgres/cutover/desk.ts";
import { closeTable } from "../../postgres/cutover/moves.ts";
import { literal } from "../../postgres/cutover/row-text.ts";
import { keptName } from "../../postgres/cutover/source-table.ts";
import { drain } from "./feed.ts";
import { whileHeld, type Held } from "./hold.ts";
import { outcome, type Outcome } from "./outcome.ts";
import { judgedTo } from "./scan.ts";
import { ask, begunCutover, endsOf, openTopic, standingsOf, type World } from "./world.ts";

/** How long the renamed table stays where the topic keeps its messages for ever. */
const KEPT_MS = 30 * 24 * 3_600_000;

/**
 * From here on the topic is where the events come from. The table is closed first, in one statement with its new state,
 * and its last rows are sent then: whoever still writes gets an error and no row of his stays behind.
 */
export async function finishCutover(world: World): Promise<Outcome> {
  checkStep("finish", (await begunCutover(world)).state, world.stream.name);
  return whileHeld(world, async (held) => {
    const before = await held.cutover();
    checkStep("finish", before.state, before.stream);
    if (before.state === "topic-primary") return outcome("finish", before, "it is done already");
    await using sink = await openTopic(held.world);
    const late = await drain(held.world, sink, "nearly");
    if (late > 0)
      world.tell({
        kind: "notice",
        text: `${late} rows came since the last step: who writes them will get an error`,
      });
    await close(held);
    await drain(held.world, sink, "empty");
    reached("cutover-drained");
    return await settle(held);
  });
}

async function close({ world, cutover }: Held): Promise<void> {
  const ends = endsOf(await standingsOf(world));
  await ask(world, async () => {
    const now = await cutover();
    if (now.state === "finishing") return;
    checkStep("finish", now.state, now.stream);
    await note(world.source, now, {
      ...{ step: "finish", state: "finishing", ends },
      first: closeTable(now.stream, now),
    });
  });
  reached("cutover-closed");
}

async function settle({ world, cutover }: Held): Promise<Outcome> {
  const standings = await standingsOf(world);
  const judged = await judgedTo(world, await cutover(), standings);
  const keptMs = Number(world.stream.topic.config["retention.ms"] ?? KEPT_MS);
  const keptS = Math.round((keptMs > 0 ? keptMs : KEPT_MS) / 1000);
  await ask(world, async () => {
    const now = await cutover();
    if (now.state === "topic-primary") return;
    await note(world.source, now, {
      ...{ step: "finish", state: "topic-primary", ends: endsOf(standings) },
      set: [
        `judged_to = ${literal(offsetsJson(judged))}`,
        `retire_after = now() + interval '${keptS} seconds'`,
      ],
    });
  });
  const now = await cutover();
  const kept = keptName(now).join(".");
  return outcome(
    "finish",
    now,
    `topic ${now.topic} is where the events come from; the table is kept as ${kept} until ${now.retireAfter?.toISOString() ?? ""}`,
    { next: `clusterflow cutover status --stream ${now.stream}` },
  );
}
