import type { Reconciliation, Store, TablesOfRun } from "../measure/store.ts";

export interface Started {
  readonly pid: number;
  /** Seconds of the copying alone, where the tool itself tells them. */
  copySeconds?(): Promise<number>;
}

/** Up, and waiting for the start. */
export interface Ready extends AsyncDisposable {
  start(): Promise<Started>;
}

/** One way of bringing the events into PostgreSQL. */
export interface Contestant {
  readonly name: string;
  readonly tables: TablesOfRun;
  ready(store: Store): Promise<Ready>;
  /** Throws when it has not done what its name says. */
  check?(store: Store): Promise<void>;
  /** Left out, the events are those of `eventOf`, known by their numbers. */
  reconcile?(store: Store, events: number): Promise<Reconciliation>;
}
