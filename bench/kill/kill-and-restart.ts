import { sleep } from "../../src/core/signal.ts";
import { waitForRows } from "../measure/run.ts";
import type { Store } from "../measure/store.ts";

/** Who is killed and comes back by the same name. */
export interface Victim extends AsyncDisposable {
  readonly name: string;
  /** Milliseconds without a new row after which nothing more is expected of it. */
  readonly quietMs: number;
  readonly pid: number;
  start(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  restart(): void;
}

export interface Survival {
  /** Rows that were there at the kill. */
  readonly killedAt: number;
  readonly lost: number;
  readonly doubled: number;
  readonly firstNewRowSeconds: number;
}

/** The kill comes when so much of the work is done. */
const PART = 0.3;
const NEVER = new AbortController().signal;

export async function killAndRestart(victim: Victim, store: Store, events: number): Promise<Survival> {
  await victim.start();
  while ((await store.rows()) < PART * events) await sleep(50, NEVER);
  const killed = Date.now();
  await victim.kill();
  await statementsEnd(store);
  const before = await store.rows();
  if (before >= events) throw new Error("it was done before it was killed: take more MESSAGES");
  const dead = Date.now();
  victim.restart();
  await waitForRows(store, { rows: events, pid: victim.pid, quietMs: victim.quietMs });
  const first = (await store.commits()).find(({ at }) => at > dead)!;
  const { lost, doubled } = await store.reconcile(events);
  return { killedAt: before, lost, doubled, firstNewRowSeconds: (first.at - killed) / 1000 };
}

/** What a dead client had sent is still carried out: its rows are none of the next one's. */
async function statementsEnd(store: Store): Promise<void> {
  for (;;) {
    const others = await store.query<object[]>(
      `SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
    if (others.length === 0) return;
    await sleep(5, NEVER);
  }
}
