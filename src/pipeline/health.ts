import type { Observed } from "./observed.ts";

/** What is wrong, in one sentence without a host, a user or a value; null when nothing is. */
export interface Health {
  /** Whether the process can make progress, or honestly waits for a server: restarting it would not help otherwise. */
  readonly notAlive: string | null;
  /** Whether it makes progress now. */
  readonly notReady: string | null;
}

/** No progress for so long although there is something to do is not ready. */
const IDLE_MS = 60_000;
/** A fetch is answered within a quarter of a second, also when there is nothing. */
const SILENT_MS = 20_000;
/** Longer than the end of one consumer, the pause, and the start of the next take together. */
const GONE_MS = 45_000;
/** Nothing else was done for so long, in one piece, within the last seconds. */
const BLOCKED_MS = 5_000;

/** `blockedMs` is the longest time for which the process lately did not get to anything else. */
export function judgeHealth(observed: Observed, blockedMs: number): Health {
  const notAlive = stopped(observed, blockedMs);
  return { notAlive, notReady: notAlive ?? idle(observed) };
}

function stopped(
  { now, waits, stalls, seenAt, silentSince, isDraining }: Observed,
  blockedMs: number,
): string | null {
  if (blockedMs > BLOCKED_MS) return `the process was busy with one thing for ${seconds(blockedMs)}`;
  if (waits.size > 0 || isDraining || seenAt === null || silentSince === null) return null;
  if (stalls > 0) return "Kafka answers, but no fetch was answered since the consumer was built anew";
  if (now - seenAt > GONE_MS) return `the consumer is gone since ${seconds(now - seenAt)}`;
  const silentMs = now - silentSince;
  return silentMs > SILENT_MS ? `no fetch was answered for ${seconds(silentMs)}` : null;
}

function idle({ now, waits, isDraining, hasJoined, partitions }: Observed): string | null {
  if (isDraining) return "stopping: finishing what is in hand";
  for (const [server, { since }] of waits) return `waiting for ${server} for ${seconds(now - since)}`;
  if (!hasJoined) return "not a member of the consumer group yet";
  for (const [number, { isClaimed, lagOffsets, movedAt }] of partitions) {
    if (!isClaimed) return `partition ${number} is not claimed yet`;
    if ((lagOffsets ?? 0n) > 0n && now - movedAt > IDLE_MS)
      return `partition ${number} is ${String(lagOffsets)} offsets behind and has not moved for ${seconds(now - movedAt)}`;
  }
  return null;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
