import { isClosed, nextCommand } from "../../pipeline/cutover/states.ts";
import type { CutoverStatus } from "../../pipeline/cutover/status.ts";
import { countsOf } from "../../postgres/cutover/desk.ts";
import { keptName } from "../../postgres/cutover/source-table.ts";
import { ask, cutoverOf, type World } from "./world.ts";

/** Where the cut-over of a stream is, and what to type next. Changes nothing. */
export async function cutoverStatus(world: World): Promise<CutoverStatus> {
  const { stream, settings, source } = world;
  const cutover = await cutoverOf(world);
  if (cutover === null) {
    const none = { waiting: 0n, backfilled: 0n, refilled: 0n, leftOver: 0n, changes: null };
    const next = `clusterflow cutover plan --stream ${stream.name} --table SCHEMA.TABLE`;
    const kept = { keptAs: null, keptUntil: null };
    return {
      stream: stream.name,
      state: "pg-only",
      since: null,
      table: null,
      topic: settings.kafka.topic,
      ...none,
      ...kept,
      next,
    };
  }
  const counts = await ask(world, () => countsOf(source, stream.name));
  const isKept = isClosed(cutover.state);
  return {
    stream: stream.name,
    state: cutover.state,
    since: cutover.since.toISOString(),
    table: cutover.table.join("."),
    topic: cutover.topic,
    ...counts,
    backfilled: cutover.backfilled,
    keptAs: isKept ? keptName(cutover).join(".") : null,
    keptUntil: isKept ? (cutover.retireAfter?.toISOString() ?? null) : null,
    next: nextCommand(cutover.state, stream.name),
  };
}
