import { ClusterflowError, toClusterflowError } from "../../core/errors.ts";
import { anyOf, sleep } from "../../core/signal.ts";
import {
  releaseCutover,
  renewCutover,
  RENEW_MS,
  takeCutover,
  type Cutover,
} from "../../postgres/cutover/desk.ts";
import { ask, begunCutover, type World } from "./world.ts";

/** Longer than a holder that died is believed to be alive. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 250;

/** Nobody else changes anything while this is held; whoever loses it can change nothing more. */
export interface Held {
  readonly world: World;
  /** As it is now. */
  readonly cutover: () => Promise<Cutover>;
}

/** Lends the cut-over of a stream. Throws `refused` when another process is at work with it. */
export async function whileHeld<T>(world: World, work: (held: Held) => Promise<T>): Promise<T> {
  const epoch = await take(world);
  if (epoch === null) throw busy(world);
  return lend(world, epoch, work);
}

/** Null when another process is at work with it. */
export async function ifFree<T>(world: World, work: (held: Held) => Promise<T>): Promise<T | null> {
  const taken = await ask(world, () => takeCutover(world.source, world.stream.name, world.owner));
  return "epoch" in taken ? lend(world, taken.epoch, work) : null;
}

async function lend<T>(world: World, epoch: bigint, work: (held: Held) => Promise<T>): Promise<T> {
  const lost = new AbortController();
  const end = new AbortController();
  const renewing = keepRenewing(world, epoch, lost, end.signal);
  using either = anyOf([world.signal, lost.signal]);
  const own = { ...world, signal: either.signal };
  try {
    return await work({
      world: own,
      // what is read after somebody else has taken it must not pass for ours
      cutover: async () => ({ ...(await begunCutover(own)), epoch }),
    });
  } finally {
    end.abort();
    await renewing;
    await releaseCutover(world.lease, world.stream.name, epoch).catch(() => undefined);
  }
}

async function take(world: World): Promise<bigint | null> {
  const until = performance.now() + PATIENCE_MS;
  for (let isTold = false; ; isTold = true) {
    const taken = await ask(world, () => takeCutover(world.source, world.stream.name, world.owner));
    if ("epoch" in taken) return taken.epoch;
    if (performance.now() > until) return null;
    if (!isTold) world.tell({ kind: "notice", text: `waiting for another process to end (${taken.heldBy})` });
    await sleep(LOOK_MS, world.signal);
    world.signal.throwIfAborted();
  }
}

async function keepRenewing(
  { lease, stream }: World,
  epoch: bigint,
  lost: AbortController,
  end: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(RENEW_MS, end);
    if (end.aborted) return;
    try {
      await renewCutover(lease, stream.name, epoch);
    } catch (error) {
      // an outage passes; if it does not pass in time, somebody else may take it, and that is told then
      if (toClusterflowError(error).code !== "fenced") continue;
      lost.abort(error);
      return;
    }
  }
}

function busy({ stream }: World): ClusterflowError {
  return new ClusterflowError(`another process is at work with the cut-over of ${stream.name}`, {
    code: "refused",
    hint: `wait for it, or look: clusterflow cutover status --stream ${stream.name}`,
  });
}
