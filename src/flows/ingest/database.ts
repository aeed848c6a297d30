import type { DatabaseSettings } from "../../config/parts.ts";
import { ClusterflowError, toClusterflowError } from "../../core/errors.ts";
import type { Tell } from "../../core/report.ts";
import { sleep } from "../../core/signal.ts";
import { throughOutages, type OutageOptions } from "../../pipeline/outage.ts";
import { Connection } from "../../postgres/connection.ts";
import { ensureTables } from "../../postgres/ensure-tables.ts";
import { databaseName, toDatabaseError } from "../../postgres/errors.ts";
import { migrate } from "../../postgres/migrate.ts";
import { isDeclared } from "../../streams/declared/stream.ts";
import type { Stream } from "../../streams/define.ts";
import type { FlowRun } from "../run.ts";

/** Throws, as for an outage, while the database cannot be asked. */
export type Demand = () => void;

/** Brings the database's tables up to date; an outage is waited for so long, or with null until the signal. */
export async function prepare(
  settings: DatabaseSettings,
  stream: Stream,
  outage: Omit<OutageOptions, "name">,
): Promise<void> {
  await using connection = new Connection(settings, "clusterflow ingest (migrate)");
  const work = async (): Promise<void> => {
    await migrate(connection);
    if (isDeclared(stream)) await ensureTables(connection, [stream]);
  };
  await throughOutages(work, { ...outage, name: databaseName(settings) });
}

/** Between two looks at a database that is there. */
const LOOK_MS = 5_000;
const ANSWER_MS = 5_000;

/**
 * The database of a gateway to Kafka. Events do not need it, so the gateway begins without: it is brought up to date
 * when it first answers, and looked at from then on.
 */
export class DatabaseBehind implements AsyncDisposable {
  readonly connection: Connection;
  readonly #settings: DatabaseSettings;
  readonly #tell: Tell;
  readonly #ending = new AbortController();
  #isThere = false;
  #lastTold: string | null = null;
  #watching: Promise<void> = Promise.resolve();

  private constructor(settings: DatabaseSettings, tell: Tell) {
    this.#settings = settings;
    this.#tell = tell;
    this.connection = new Connection(settings, "clusterflow ingest (users)");
  }

  /** Resolves when the database is ready, or after so long. Rejects with what waiting would not mend. */
  static async open(
    settings: DatabaseSettings,
    stream: Stream,
    run: Pick<FlowRun, "tell" | "signal">,
    ms: number,
  ): Promise<DatabaseBehind> {
    const behind = new DatabaseBehind(settings, run.tell);
    const first = behind.#bring((outage) => prepare(settings, stream, outage));
    behind.#watching = first.catch(() => undefined);
    try {
      await Promise.race([first, sleep(ms, run.signal)]);
    } catch (error) {
      await behind[Symbol.asyncDispose]();
      throw error;
    }
    behind.#watching = behind.#watch(first, stream);
    return behind;
  }

  get isThere(): boolean {
    return this.#isThere;
  }

  readonly demand: Demand = () => {
    if (this.#isThere) return;
    throw new ClusterflowError("the database is away", { code: "unreachable", retryable: true });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#watching;
    await this.connection[Symbol.asyncDispose]();
  }

  async #watch(first: Promise<void>, stream: Stream): Promise<void> {
    let isPrepared = await this.#succeeds(first);
    for (;;) {
      await sleep(LOOK_MS, this.#ending.signal);
      if (this.#ending.signal.aborted) return;
      const look = this.#bring((outage) =>
        isPrepared ? this.#look(outage) : prepare(this.#settings, stream, outage),
      );
      isPrepared = (await this.#succeeds(look)) || isPrepared;
    }
  }

  /** What waiting would not mend, such as another password, must not cost the events now: it is told once. */
  async #succeeds(work: Promise<void>): Promise<boolean> {
    try {
      await work;
      this.#lastTold = null;
      return true;
    } catch (thrown) {
      const text = `${toClusterflowError(thrown).message}: there are no logins and no reports`;
      if (!this.#ending.signal.aborted && text !== this.#lastTold) this.#tell({ kind: "warning", text });
      this.#lastTold = text;
      return false;
    }
  }

  async #bring(work: (outage: Omit<OutageOptions, "name">) => Promise<void>): Promise<void> {
    const observe = (): void => void (this.#isThere = false);
    const { signal } = this.#ending;
    try {
      await work({ tell: this.#tell, signal, giveUpAfterMs: null, observe });
      this.#isThere = true;
    } catch (error) {
      this.#isThere = false;
      throw error;
    }
  }

  async #look(outage: Omit<OutageOptions, "name">): Promise<void> {
    const ask = async (signal: AbortSignal): Promise<void> => {
      try {
        await this.connection.query("SELECT 1", [], { deadlineMs: ANSWER_MS, signal });
      } catch (error) {
        throw toDatabaseError(error, this.#settings);
      }
    };
    await throughOutages(ask, { ...outage, name: databaseName(this.#settings) });
  }
}
