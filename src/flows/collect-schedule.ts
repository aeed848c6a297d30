import type { CollectSchedule } from "../config/parts.ts";
import type { OffsetRange } from "../pipeline/ports.ts";
import type { Manifest } from "../streams/cluster-info/messages.ts";
import { sleep } from "../core/signal.ts";
import type { FlowRun } from "./run.ts";

/** One snapshot that was collected and is safely down. */
export interface Collected {
  readonly manifest: Manifest;
  /** Where its messages lie in the topic; empty on the direct path. */
  readonly ranges: readonly OffsetRange[];
}

/** Is handed each snapshot as soon as it is down: what comes after it may fail. */
export type OnCollected = (collected: Collected) => void;

/**
 * Collects once, or at every interval until the signal. The interval is counted from beginning to beginning; a
 * snapshot that takes longer than it delays the next one rather than running beside it.
 */
export async function collectOnSchedule(
  schedule: CollectSchedule,
  collect: () => Promise<Collected>,
  run: FlowRun,
  onCollected: OnCollected,
): Promise<void> {
  if (schedule.intervalMs === null) {
    onCollected(await collect());
    return;
  }
  while (!run.signal.aborted) {
    const begun = Date.now();
    onCollected(await collect());
    await sleep(Math.max(0, begun + schedule.intervalMs - Date.now()), run.signal);
  }
}
