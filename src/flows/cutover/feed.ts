import { sleep } from "../../core/signal.ts";
import { messageOf } from "../../pipeline/cutover/event.ts";
import { checkStep } from "../../pipeline/cutover/states.ts";
import { reached } from "../../pipeline/points.ts";
import type { MessageSink } from "../../pipeline/ports.ts";
import { clearOutbox, lastWaiting, OUTBOX_PAGE, readOutbox } from "../../postgres/cutover/outbox.ts";
import { ifFree } from "./hold.ts";
import { outcome, type Outcome } from "./outcome.ts";
import { ask, begunCutover, openTopic, type World } from "./world.ts";

/** How long new rows wait at most while nothing is to be done. */
const PAUSE_MS = 500;

/**
 * Brings the outbox to the topic until the signal. Nobody depends on it: the other steps bring it, too, and while one of
 * them is at work this one waits.
 */
export async function feedCutover(world: World): Promise<Outcome> {
  let sent = 0;
  await using sink = await openTopic(world);
  while (!world.signal.aborted) {
    sent += (await untilSignal(world, () => feedOnce(world, sink))) ?? 0;
    await sleep(PAUSE_MS, world.signal);
  }
  return outcome(
    "feed",
    await begunCutover({ ...world, signal: new AbortController().signal }),
    `${sent} rows sent`,
  );
}

async function feedOnce(world: World, sink: MessageSink): Promise<number> {
  const { state } = await begunCutover(world);
  checkStep("feed", state, world.stream.name);
  return (await ifFree(world, (held) => drain(held.world, sink, "nearly"))) ?? 0;
}

/** A signal is the way to end it, and no failure. */
async function untilSignal<T>(world: World, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (world.signal.aborted) return null;
    throw error;
  }
}

/**
 * Brings what waits to the topic: until nothing does, or, while somebody goes on writing, what was there at the
 * beginning: a writer who is faster would keep us for ever.
 */
export async function drain(world: World, sink: MessageSink, until: "empty" | "nearly"): Promise<number> {
  const last = await ask(world, () => lastWaiting(world.source, world.stream.name));
  for (let sent = 0; ;) {
    const rows = await ask(world, () => readOutbox(world.source, world.stream.name));
    if (rows.length === 0) return sent;
    await sink.write(
      rows.map((row) => messageOf(world.stream, row, "c")),
      world.signal,
    );
    reached("cutover-sent");
    // only what is safely down may be forgotten; killed before, it is sent again and known by its event-id
    await ask(world, () => clearOutbox(world.source, world.stream.name, rows));
    reached("cutover-noted");
    sent += rows.length;
    if (until === "nearly" && (rows.length < OUTBOX_PAGE || rows.some(({ seq }) => seq >= last))) return sent;
  }
}
