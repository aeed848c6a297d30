import ConsumerGroup, { type TopicPartitions } from "kafkajs/src/consumer/consumerGroup.js";

/** What a group's fetches need to remember. */
interface Fetching {
  /** How long a fetch waits for records, as the consumer was told, in milliseconds. */
  readonly waitMs: number;
  /** How often it has fetched. */
  turn: number;
  /** When a partition was resumed last. */
  resumedAt: number;
  /** Those who wait for a partition to be resumed. */
  readonly wakes: Set<() => void>;
}

/**
 * How long a fetch may wait while a partition is paused, in milliseconds. It is paused since it has a backlog; once it is
 * resumed it has to wait for the end of the fetch that is under way.
 */
const BUSY_WAIT_MS = 10;
/** Without one that was resumed for so long, it is the database that is away, and nobody is kept waiting. */
const BUSY_FOR_MS = 2_000;

const known = new WeakMap<ConsumerGroup, Fetching>();
let isPatched = false;

/**
 * Three things that kafkajs 2.2.4 does when it fetches leave a database that could do more without work.
 * - While all partitions of a member are paused it sleeps for as long as a fetch may wait for records, whatever is
 *   resumed meanwhile. Here resuming ends the sleep.
 * - It asks for the partitions in the same order each time. A broker fills its answer in that order, so the first ones
 *   fill it while they have a backlog, and those behind them wait until it is gone. Here they take turns.
 * - It lets a fetch of partitions that have nothing wait for records while another one, paused with a backlog, is
 *   resumed. Here such a fetch waits for a moment only.
 */
export function patchFetches(): void {
  if (isPatched) return;
  isPatched = true;
  const { fetch, resume } = ConsumerGroup.prototype;
  ConsumerGroup.prototype.resume = function (partitions): void {
    resume.call(this, partitions);
    const fetching = fetchingOf(this);
    fetching.resumedAt = performance.now();
    for (const wake of fetching.wakes) wake();
  };
  ConsumerGroup.prototype.fetch = async function (nodeId): Promise<unknown> {
    const fetching = fetchingOf(this);
    if (!hasActive(this)) await resumed(fetching);
    this.maxWaitTime = waitOf(this, fetching);
    fetching.turn += 1;
    return fetch.call(this, nodeId);
  };
}

function fetchingOf(group: ConsumerGroup): Fetching {
  const before = known.get(group);
  if (before !== undefined) return before;
  const fetching = {
    waitMs: group.maxWaitTime,
    turn: 0,
    resumedAt: -BUSY_FOR_MS,
    wakes: new Set<() => void>(),
  };
  known.set(group, fetching);
  const { subscriptionState } = group;
  const inOrder = subscriptionState.assigned.bind(subscriptionState);
  subscriptionState.assigned = () =>
    inOrder().map(({ topic, partitions }) => ({ topic, partitions: rotated(partitions, fetching.turn) }));
  return fetching;
}

function rotated(partitions: readonly number[], turn: number): readonly number[] {
  const at = turn % Math.max(1, partitions.length);
  return [...partitions.slice(at), ...partitions.slice(0, at)];
}

function hasActive({ subscriptionState }: ConsumerGroup): boolean {
  return subscriptionState.active().some(({ partitions }: TopicPartitions) => partitions.length > 0);
}

function waitOf(group: ConsumerGroup, { waitMs, resumedAt }: Fetching): number {
  if (!hasActive(group)) return 0; // it has slept already
  const hasPaused = group.subscriptionState.paused().some(({ partitions }) => partitions.length > 0);
  const isFlowing = performance.now() - resumedAt < BUSY_FOR_MS;
  return hasPaused && isFlowing ? Math.min(BUSY_WAIT_MS, waitMs) : waitMs;
}

async function resumed({ wakes, waitMs }: Fetching): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      wakes.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, waitMs);
    wakes.add(wake);
  });
}
