import { messageOf } from "../../pipeline/cutover/event.ts";
import { checkStep } from "../../pipeline/cutover/states.ts";
import { reached } from "../../pipeline/points.ts";
import type { MessageSink } from "../../pipeline/ports.ts";
import { change, note, type Cutover } from "../../postgres/cutover/desk.ts";
import { lastKey, readHistory } from "../../postgres/cutover/history.ts";
import type { SourceTable } from "../../postgres/cutover/source-table.ts";
import { drain } from "./feed.ts";
import { whileHeld, type Held } from "./hold.ts";
import { outcome, type Outcome } from "./outcome.ts";
import { ask, begunCutover, endsOf, openTopic, sourceOf, standingsOf, type World } from "./world.ts";

/** How often it is told how far it is. */
const TELL_MS = 10_000;

/** Brings what was in the table before its triggers to the topic; goes on where it was when it is called again. */
export async function backfillCutover(world: World): Promise<Outcome> {
  checkStep("backfill", (await begunCutover(world)).state, world.stream.name);
  return whileHeld(world, async (held) => {
    const before = await held.cutover();
    checkStep("backfill", before.state, before.stream);
    if (before.state !== "dual")
      return outcome("backfill", before, `it is done already: ${before.backfilled} rows`);
    const source = await sourceOf(held.world, before);
    await using sink = await openTopic(held.world);
    await sendHistory(held, sink, source, await withEnd(held, source));
    await drain(held.world, sink, "nearly");
    return await finishBackfill(held, source);
  });
}

/**
 * The last key of the history: all rows that were there before the triggers are before it, since these had to wait for
 * everybody who wrote. What is inserted behind it meanwhile is in the outbox.
 */
async function withEnd({ world, cutover }: Held, source: SourceTable): Promise<Cutover> {
  const before = await cutover();
  if (before.historyEnd !== null) return before;
  const end = await ask(world, () => lastKey(world.source, source));
  await ask(world, () =>
    change(world.source, before, "history_end = $3::text::jsonb", [JSON.stringify(end ?? [])]),
  );
  return cutover();
}

async function sendHistory(
  { world }: Held,
  sink: MessageSink,
  source: SourceTable,
  { stream, epoch, historyEnd, historyAt, backfilled }: Cutover,
): Promise<void> {
  if (historyEnd === null || historyEnd.length === 0) return;
  let after = historyAt;
  let sent = backfilled;
  for (let toldAt = performance.now(); ;) {
    const range = { after, upTo: historyEnd };
    const page = await ask(world, () => readHistory(world.source, stream, source, range));
    if (page.at === null) return;
    await sink.write(
      page.events.map((event) => messageOf(world.stream, event, "r")),
      world.signal,
    );
    reached("cutover-sent");
    after = page.at;
    sent += BigInt(page.events.length);
    const position = [JSON.stringify(after), sent] as const;
    const set = "history_at = $3::text::jsonb, backfilled = $4::text::bigint";
    await ask(world, () =>
      change(world.source, { stream, epoch }, set, [position[0], position[1].toString()]),
    );
    reached("cutover-noted");
    await drain(world, sink, "nearly");
    if (performance.now() - toldAt < TELL_MS) continue;
    toldAt = performance.now();
    world.tell({ kind: "notice", text: `${sent} rows of ${source.table.join(".")} sent` });
  }
}

async function finishBackfill({ world, cutover }: Held, source: SourceTable): Promise<Outcome> {
  const ends = endsOf(await standingsOf(world));
  await ask(world, async () => {
    const now = await cutover();
    if (now.state === "dual") await note(world.source, now, { step: "backfill", state: "backfilled", ends });
  });
  const now = await cutover();
  return outcome(
    "backfill",
    now,
    `${now.backfilled} rows of ${source.table.join(".")} sent to topic ${now.topic}`,
  );
}
