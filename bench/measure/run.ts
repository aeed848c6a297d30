import { sleep } from "../../src/core/signal.ts";
import type { Contestant } from "../contestants/contestant.ts";
import { cpuSecondsOf } from "./processes.ts";
import { rateOf, rowsOf } from "./rate.ts";
import { Sampler, type CpuSeconds } from "./sampler.ts";
import { Store, type Reconciliation } from "./store.ts";

/** What one run of one contestant came to. */
export interface Figures extends Reconciliation {
  readonly name: string;
  readonly rows: number;
  /** Rows a second from the first batch to the last, or of the copying alone. */
  readonly rate: number;
  /** Rows a second from its start to its last commit. */
  readonly rateFromStart: number;
  /** Seconds from its start to its first commit. */
  readonly firstRowSeconds: number;
  /** CPU seconds for a million rows. */
  readonly cpu: CpuSeconds;
  readonly peakMegabytes: number;
}

/** What the tail of a run may still use: its own last commit's way to the disk. */
const TAIL_MS = 100;

/** Lets a contestant take the events 0 to `events` - 1 into fresh tables. */
export async function measureRun(contestant: Contestant, events: number): Promise<Figures> {
  await using store = await Store.open(contestant.tables);
  await using ready = await contestant.ready(store);
  const postmaster = await store.postmaster();
  const begun = Date.now();
  const started = await ready.start();
  using sampler = new Sampler(started.pid, postmaster);
  await waitForRows(store, { rows: events, pid: started.pid });
  const commits = await store.commits();
  const ended = commits.at(-1)!.at;
  const rows = rowsOf(commits);
  const used = sampler.usedBetween(begun, ended + TAIL_MS);
  const copying = await started.copySeconds?.();
  await contestant.check?.(store);
  return {
    name: contestant.name,
    rows,
    rate: copying === undefined ? rateOf(commits) : rows / copying,
    rateFromStart: (1000 * rows) / (ended - begun),
    firstRowSeconds: (commits[0]!.at - begun) / 1000,
    cpu: { own: (used.own / rows) * 1e6, postgres: (used.postgres / rows) * 1e6 },
    peakMegabytes: sampler.peakMegabytes,
    ...(await (contestant.reconcile?.(store, events) ?? store.reconcile(events))),
  };
}

export interface Awaited {
  readonly rows: number;
  /** Who writes them. */
  readonly pid: number;
  /** Milliseconds without growth after which the rows are counted. */
  readonly quietMs?: number;
}

const QUIET_MS = 500;
const LOOK_MS = 100;
const DEADLINE_MS = 600_000;

/** Until the tables hold so many rows; they are counted only when they have stopped growing for a while. */
export async function waitForRows(store: Store, { rows, pid, quietMs = QUIET_MS }: Awaited): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  let [bytes, since] = [0, Date.now()];
  for (;;) {
    await sleep(LOOK_MS, signal);
    const isGone = cpuSecondsOf(pid) === null;
    const now = await store.bytes();
    if (now !== bytes) [bytes, since] = [now, Date.now()];
    if (Date.now() - since < quietMs) continue;
    const found = await store.rows();
    if (found >= rows) return;
    if (isGone || signal.aborted) throw new Error(`there are ${found} of ${rows} rows, and no more come`);
    since = Date.now();
  }
}
