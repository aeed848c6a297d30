import type { DatabaseSettings } from "../config/parts.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { Connection } from "../postgres/connection.ts";
import { databaseName } from "../postgres/errors.ts";
import { migrate } from "../postgres/migrate.ts";
import { ensureTables } from "../postgres/ensure-tables.ts";
import type { Stream } from "../streams/define.ts";
import type { FlowRun } from "./run.ts";

/** Milliseconds that a command which somebody waits for waits for the database. */
const PATIENCE_MS = 30_000;

/** Applies what is pending, and makes the tables of declared streams that are not there; returns the names of both. */
export async function migrateDatabase(
  settings: DatabaseSettings,
  streams: readonly Stream[],
  { tell, signal }: Pick<FlowRun, "tell" | "signal">,
): Promise<readonly string[]> {
  await using connection = new Connection(settings, "clusterflow migrate");
  const name = databaseName(settings);
  const apply = async (): Promise<readonly string[]> => [
    ...(await migrate(connection)),
    ...(await ensureTables(connection, streams)),
  ];
  return await throughOutages(apply, { name, tell, signal, giveUpAfterMs: PATIENCE_MS });
}
