import postgres from "postgres";
import type { DatabaseSettings } from "../../src/config/parts.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { superuser, testDatabase } from "../../test/support/servers.ts";

/** One transaction and how many of the tables' rows it wrote. */
export interface Commit {
  /** Milliseconds since 1970, by PostgreSQL. */
  readonly at: number;
  readonly rows: number;
}

export interface Reconciliation {
  /** Events of which no row is there. */
  readonly lost: number;
  /** Rows that are there once more than they should be. */
  readonly doubled: number;
  /** The same for the same rows, in whatever order. */
  readonly content: string;
}

/** A script that makes all of them, or the names of some that the program makes itself. */
export type TablesOfRun = string | readonly string[];

/** A fresh database with the tables of one run, and the questions that all contestants are measured by. */
export class Store implements AsyncDisposable {
  readonly settings: DatabaseSettings;
  readonly tables: readonly string[];
  readonly #sql: postgres.Sql;
  readonly #drop: () => PromiseLike<void>;

  private constructor(
    settings: DatabaseSettings,
    tables: readonly string[],
    sql: postgres.Sql,
    drop: () => PromiseLike<void>,
  ) {
    [this.settings, this.tables, this.#sql, this.#drop] = [settings, tables, sql, drop];
  }

  /** Empty, and nothing of an earlier run left to be written. */
  static async open(wanted: TablesOfRun): Promise<Store> {
    const database = await testDatabase();
    const { settings } = database;
    const tables =
      typeof wanted === "string" ? await makeTables(settings, wanted) : await migrateTo(settings, wanted);
    const sql = connect({ ...superuser(), database: settings.database });
    await sql.unsafe("CHECKPOINT");
    return new Store(settings, tables, sql, () => database[Symbol.asyncDispose]());
  }

  async query<R extends readonly object[]>(text: string): Promise<R> {
    return (await this.#sql.unsafe(text)) as unknown as R;
  }

  /** The process of the server itself. */
  async postmaster(): Promise<number> {
    const [row] = await this.query<[{ pid: string }]>(
      "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid",
    );
    return Number(row.pid);
  }

  /** Cheap enough to be asked while others are measured. */
  async bytes(): Promise<number> {
    const sizes = this.tables.map((table) => `pg_relation_size('${table}')`).join(" + ");
    const [row] = await this.query<[{ bytes: number }]>(`SELECT (${sizes})::float8 AS bytes`);
    return row.bytes;
  }

  async rows(): Promise<number> {
    const counts = this.tables.map((table) => `(SELECT count(*) FROM ${table})`).join(" + ");
    const [row] = await this.query<[{ rows: number }]>(`SELECT (${counts})::float8 AS rows`);
    return row.rows;
  }

  /** The transactions that wrote what is there, in their order. */
  async commits(): Promise<readonly Commit[]> {
    const each = this.tables.map((table) => `SELECT xmin FROM ${table}`).join(" UNION ALL ");
    return this.query<Commit[]>(`
      SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8 AS at, count(*)::float8 AS rows
        FROM (${each}) AS every GROUP BY xmin ORDER BY 1`);
  }

  /** All tables together should have the events 0 to `events` - 1 once. */
  async reconcile(events: number): Promise<Reconciliation> {
    const each = this.tables.map((table) => `SELECT * FROM ${table}`).join(" UNION ALL ");
    const [row] = await this.query<[Reconciliation]>(`
      SELECT (${events} - count(DISTINCT id) FILTER (WHERE id BETWEEN 0 AND ${events - 1}))::float8 AS lost,
             (count(*) - count(DISTINCT id))::float8 AS doubled,
             coalesce(sum(hashtextextended(row(every.*)::text, 0)::numeric), 0)::text AS content
        FROM (${each}) AS every`);
    return row;
  }

  /** Keeps writers out of a table until what it gives is called. */
  async lock(table: string): Promise<() => Promise<void>> {
    const sql = connect({ ...superuser(), database: this.settings.database });
    await sql.unsafe(`BEGIN; LOCK TABLE ${table} IN EXCLUSIVE MODE`).simple();
    return () => sql.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.end();
    await this.#drop();
  }
}

async function makeTables(settings: DatabaseSettings, script: string): Promise<readonly string[]> {
  const owner = connect(settings);
  await owner.unsafe(script).simple();
  const rows = await owner.unsafe<{ tablename: string }[]>(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  await owner.end();
  return rows.map(({ tablename }) => `public.${tablename}`);
}

async function migrateTo(settings: DatabaseSettings, tables: readonly string[]): Promise<readonly string[]> {
  await using connection = new Connection(settings, "bench");
  await migrate(connection);
  return tables;
}

export function connect({ host, port, database, user, password }: DatabaseSettings): postgres.Sql {
  return postgres({
    ...{ host, port, database, username: user, password: password ?? "" },
    ...{ max: 1, onnotice: () => undefined, connection: { TimeZone: "UTC" } },
  });
}
