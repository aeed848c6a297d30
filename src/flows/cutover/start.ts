import { checkStep } from "../../pipeline/cutover/states.ts";
import { isAnotherTopic } from "../../pipeline/cutover/lost.ts";
import { reached } from "../../pipeline/points.ts";
import { beginCutover, note, offsetsJson, type Cutover } from "../../postgres/cutover/desk.ts";
import { beginFeed } from "../../postgres/cutover/moves.ts";
import { literal } from "../../postgres/cutover/row-text.ts";
import type { SourceTable } from "../../postgres/cutover/source-table.ts";
import type { Standing } from "../../kafka/watermarks.ts";
import { whileHeld, type Held } from "./hold.ts";
import { outcome, type Outcome } from "./outcome.ts";
import { chosenTable, remarksOn } from "./plan.ts";
import { ask, cutoverOf, endsOf, openTopic, standingsOf, type CutoverOptions, type World } from "./world.ts";

/** From here on every row that is inserted is also on its way to the topic. */
export async function startCutover(world: World, options: CutoverOptions): Promise<Outcome> {
  const before = await cutoverOf(world);
  checkStep("start", before?.state ?? "pg-only", world.stream.name);
  const source = await chosenTable(world, before, options);
  if (before?.state === "dual") return outcome("start", before, "it has been started already");
  const remarks = await remarksOn(world, source);
  for (const text of remarks) world.tell({ kind: "notice", text });
  await ask(world, () => beginCutover(world.source, world.stream.name, source, world.settings.kafka.topic));
  return whileHeld(world, (held) => begin(held, source));
}

async function begin({ world, cutover }: Held, source: SourceTable): Promise<Outcome> {
  await (await openTopic(world))[Symbol.asyncDispose]();
  const standings = await standingsOf(world);
  await ask(world, async () => {
    const now = await cutover();
    if (now.state === "dual") return;
    checkStep("start", now.state, now.stream);
    await note(world.source, now, {
      step: "start",
      state: "dual",
      ends: endsOf(standings),
      first: beginFeed(now.stream, source),
      set: [
        ...[`table_schema = ${literal(source.table[0])}`, `table_name = ${literal(source.table[1])}`],
        ...[`time_zone = ${literal(source.timeZone)}`, `topic = ${literal(world.settings.kafka.topic)}`],
        `judged_to = ${literal(offsetsJson(judgedTo(now, standings)))}`,
        `topic_id = ${idOf(standings)}`,
        "history_end = NULL, history_at = NULL, backfilled = 0, retire_after = NULL",
      ],
    });
  });
  reached("cutover-begun");
  const now = await cutover();
  const table = source.table.join(".");
  return outcome(
    "start",
    now,
    `what is inserted into ${table} from now on is also on its way to topic ${now.topic}`,
  );
}

/** What came since the last way back has still to be judged; of a topic that is new to us, nothing before now. */
function judgedTo(
  { position }: Cutover,
  standings: ReadonlyMap<number, Standing>,
): ReadonlyMap<number, bigint> {
  const marks = [...standings.values()];
  const isKnown = position.from.size > 0 && !isAnotherTopic(position, marks, marks[0]?.topicId ?? null);
  return new Map(
    marks.map(({ partition, high }) => [partition, isKnown ? (position.from.get(partition) ?? 0n) : high]),
  );
}

function idOf(standings: ReadonlyMap<number, Standing>): string {
  const id = standings.values().next().value?.topicId ?? null;
  return id === null ? "NULL" : literal(id);
}
