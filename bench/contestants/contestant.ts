import type { Store } from "../measure/store.ts";

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
  /** The script that makes its tables. */
  readonly tables: string;
  ready(store: Store): Promise<Ready>;
  /** Throws when it has not done what its name says. */
  check?(store: Store): Promise<void>;
}
