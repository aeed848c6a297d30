import { ClusterflowError } from "../../core/errors.ts";
import { readRange } from "../../kafka/reader.ts";
import type { Standing } from "../../kafka/watermarks.ts";
import { goneFrom, goneSentence, isAnotherTopic } from "../../pipeline/cutover/lost.ts";
import { checkStep, isClosed } from "../../pipeline/cutover/states.ts";
import { reached } from "../../pipeline/points.ts";
import type { RawRecord } from "../../pipeline/ports.ts";
import { countsOf, note, offsetsJson, type Cutover } from "../../postgres/cutover/desk.ts";
import { openTable } from "../../postgres/cutover/moves.ts";
import { Refill, type LeftOver, type Returning } from "../../postgres/cutover/refill.ts";
import { eventPrefix, literal } from "../../postgres/cutover/row-text.ts";
import { isThere, keptName } from "../../postgres/cutover/source-table.ts";
import { whileHeld, type Held } from "./hold.ts";
import { outcome, type Outcome } from "./outcome.ts";
import { sortReturning } from "./returning.ts";
import { ask, begunCutover, endsOf, sourceOf, standingsOf, type World } from "./world.ts";

export interface RollbackOptions {
  /** Go back without what the topic no longer has. */
  readonly acceptsLoss: boolean;
}

const PAGE = 500;

/**
 * The table is the truth again, and has all that came to the topic meanwhile and not from it. May be called again for
 * what came since. Throws `refused`, before anything is changed, when the topic no longer has all of it.
 */
export async function rollbackCutover(world: World, options: RollbackOptions): Promise<Outcome> {
  checkStep("rollback", (await begunCutover(world)).state, world.stream.name);
  return whileHeld(world, async (held) => {
    const before = await held.cutover();
    checkStep("rollback", before.state, before.stream);
    const standings = await standingsOf(held.world);
    await checkWayBack(held.world, before, standings, options);
    await open(held, standings);
    const refilled = await refill(held, standings);
    return await settle(held, standings, refilled);
  });
}

/** What stands in the way, without going it. */
export async function checkWayBack(
  world: World,
  cutover: Cutover,
  standings: ReadonlyMap<number, Standing>,
  { acceptsLoss }: RollbackOptions,
): Promise<void> {
  const marks = [...standings.values()];
  const gone = goneFrom(cutover.position, marks, marks[0]?.topicId ?? null);
  const table = cutover.table.join(".");
  if (gone.length > 0 && !acceptsLoss)
    throw new ClusterflowError(
      `topic ${cutover.topic} no longer has what came to it since ${cutover.since.toISOString()}, ` +
        `and ${table} would lack it: ${goneSentence(gone)}`,
      {
        code: "refused",
        hint: `what was stored of it is in ${world.target.table.join(".")}; to go back without it: clusterflow cutover rollback --stream ${cutover.stream} --accept-loss`,
      },
    );
  const isRenamed = isClosed(cutover.state);
  if (isRenamed && (await ask(world, () => isThere(world.source, cutover.table))))
    throw new ClusterflowError(
      `there is another ${table} now, where ${keptName(cutover).join(".")} has to go back to`,
      {
        code: "refused",
        hint: `rename or drop the other one, then: clusterflow cutover rollback --stream ${cutover.stream}`,
      },
    );
}

/** In one statement with the state; from where the topic is read is settled in it, too. */
async function open({ world, cutover }: Held, standings: ReadonlyMap<number, Standing>): Promise<void> {
  await ask(world, async () => {
    const now = await cutover();
    if (now.state === "rolling-back") return;
    const first = now.state === "rolled-back" ? "" : openTable(now.stream, now, isClosed(now.state));
    await note(world.source, now, {
      ...{ step: "rollback", state: "rolling-back", ends: endsOf(standings), first },
      set: [
        `judged_to = ${literal(offsetsJson(startOf(now, standings)))}`,
        `topic_id = ${idOf(standings)}`,
        "history_end = NULL, history_at = NULL",
      ],
    });
  });
  reached("cutover-opened");
}

/** Where reading begins: what is gone is gone, and a topic that was made anew is read from its beginning. */
function startOf(
  { position }: Cutover,
  standings: ReadonlyMap<number, Standing>,
): ReadonlyMap<number, bigint> {
  const marks = [...standings.values()];
  const isAnother = isAnotherTopic(position, marks, marks[0]?.topicId ?? null);
  return new Map(
    marks.map(({ partition, low }) => {
      const from = isAnother ? 0n : (position.from.get(partition) ?? 0n);
      return [partition, from < low ? low : from];
    }),
  );
}

function idOf(standings: ReadonlyMap<number, Standing>): string {
  const id = standings.values().next().value?.topicId ?? null;
  return id === null ? "NULL" : literal(id);
}

async function refill({ world, cutover }: Held, standings: ReadonlyMap<number, Standing>): Promise<number> {
  const now = await cutover();
  const store = new Refill(world.source, now, await sourceOf(world, now));
  let refilled = 0;
  for (const { partition, low, high } of standings.values()) {
    const from = now.position.from.get(partition) ?? 0n;
    let page: RawRecord[] = [];
    const flush = async (end: bigint): Promise<void> => {
      const { events, leftOver } = sorted(world, now, page);
      page = [];
      refilled += await ask(world, () => store.store({ partition, end, events, leftOver }));
      reached("cutover-refilled");
    };
    const range = { topic: now.topic, partition, first: from < low ? low : from, last: high - 1n };
    await readRange(world.settings.kafka, range, async (record) => {
      world.signal.throwIfAborted();
      page.push(record);
      if (page.length === PAGE) await flush(record.offset + 1n);
    });
    await flush(high);
  }
  return refilled;
}

function sorted(
  world: World,
  cutover: Cutover,
  page: readonly RawRecord[],
): { readonly events: readonly Returning[]; readonly leftOver: readonly LeftOver[] } {
  return sortReturning(world.stream, world.target, eventPrefix(cutover), page);
}

async function settle(
  { world, cutover }: Held,
  standings: ReadonlyMap<number, Standing>,
  refilled: number,
): Promise<Outcome> {
  await ask(world, async () => {
    const now = await cutover();
    if (now.state === "rolled-back") return;
    const clean = `DELETE FROM clusterflow_cutover.changes WHERE stream = ${literal(now.stream)};`;
    const done = { step: "rollback", state: "rolled-back", ends: endsOf(standings), first: clean } as const;
    await note(world.source, now, done);
  });
  const now = await cutover();
  const { leftOver } = await ask(world, () => countsOf(world.source, now.stream));
  const table = now.table.join(".");
  const back = `${table} is in use again; ${refilled} events of topic ${now.topic} were brought into it`;
  const again = `clusterflow cutover rollback --stream ${now.stream}`;
  if (leftOver === 0n)
    return outcome("rollback", now, `${back}; call it again while others still write to the topic`, {
      next: again,
    });
  return outcome(
    "rollback",
    now,
    `${back}; ${leftOver} cannot be stored there: SELECT * FROM clusterflow_cutover.left_over`,
    { code: "partial", next: again },
  );
}
