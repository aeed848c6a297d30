import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { ClusterflowError } from "../core/errors.ts";
import type { Connection } from "./connection.ts";
import { codeOf, toDatabaseError } from "./errors.ts";

/** Any constant will do; it names our advisory lock among those of other programs in the same database. */
const LOCK = 7_203_919_040;

/** A migration may have to rewrite a large table. */
const DEADLINE_MS = 600_000;

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

/**
 * Brings the schema up to date; returns the names of the migrations that were applied now. Each file is applied
 * once, in order, as one transaction under an advisory lock, so any number of processes may start at the same
 * time and a death in the middle leaves nothing behind. A database that is up to date needs no right but reading.
 */
export async function migrate(connection: Connection): Promise<readonly string[]> {
  try {
    const all = await readMigrations();
    const applied = await readApplied(connection);
    all.forEach((migration) => checkUnchanged(migration, applied));
    checkKnown(all, applied);
    const pending = all.filter(({ version }) => !applied.has(version));
    const done: string[] = [];
    for (const migration of pending) if (await apply(connection, migration)) done.push(migration.name);
    return done;
  } catch (error) {
    throw toDatabaseError(error, connection.settings);
  }
}

async function readMigrations(): Promise<readonly Migration[]> {
  const folder = new URL("./migrations/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), "utf8");
      const checksum = createHash("sha256").update(text).digest("hex");
      return { version: Number.parseInt(name, 10), name, text, checksum };
    }),
  );
}

/** Version -> checksum of what the database has; empty for a database that never saw us. */
async function readApplied(connection: Connection): Promise<ReadonlyMap<number, string>> {
  try {
    const rows = await connection.query("SELECT version, checksum FROM clusterflow.migrations");
    return new Map(rows.map((row) => [Number(row["version"]), String(row["checksum"])]));
  } catch (error) {
    if (codeOf(error) !== "42P01" && codeOf(error) !== "3F000") throw error;
    return new Map();
  }
}

function checkUnchanged(migration: Migration, applied: ReadonlyMap<number, string>): void {
  const before = applied.get(migration.version);
  if (before === undefined || before === migration.checksum) return;
  throw new ClusterflowError(`migration ${migration.name} is not the one this database was made with`, {
    code: "wrong",
    hint: "install the version of clusterflow that made the database, or use another database (the local one: clusterflow local reset)",
  });
}

function checkKnown(all: readonly Migration[], applied: ReadonlyMap<number, string>): void {
  const newest = Math.max(0, ...applied.keys());
  if (newest <= Math.max(...all.map(({ version }) => version))) return;
  throw new ClusterflowError(
    `the database has migration ${newest}, which this version of clusterflow does not know`,
    {
      code: "wrong",
      hint: "npm install a newer clusterflow",
    },
  );
}

/** False when another process applied it while we waited for the lock. */
async function apply(connection: Connection, { version, name, text, checksum }: Migration): Promise<boolean> {
  const script = `
    SELECT pg_advisory_xact_lock(${LOCK});
    CREATE SCHEMA IF NOT EXISTS clusterflow;
    CREATE TABLE IF NOT EXISTS clusterflow.migrations (
      version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO clusterflow.migrations (version, name, checksum) VALUES (${version}, '${name}', '${checksum}');
    ${text}`;
  try {
    await connection.script(script, { deadlineMs: DEADLINE_MS });
    return true;
  } catch (error) {
    if (codeOf(error) === "23505" && (await readApplied(connection)).get(version) === checksum) return false;
    throw error;
  }
}
