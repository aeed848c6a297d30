import type { DatabaseSettings } from "../config/parts.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { Connection } from "../postgres/connection.ts";
import { databaseName } from "../postgres/errors.ts";
import { migrate } from "../postgres/migrate.ts";
import type { FlowRun } from "./run.ts";

/** Milliseconds that a command which somebody waits for waits for the database. */
const PATIENCE_MS = 30_000;

/** Applies what is pending; returns the names. */
export async function migrateDatabase(
  settings: DatabaseSettings,
  { tell, signal }: Pick<FlowRun, "tell" | "signal">,
): Promise<readonly string[]> {
  await using connection = new Connection(settings, "clusterflow migrate");
  const name = databaseName(settings);
  return await throughOutages(() => migrate(connection), { name, tell, signal, giveUpAfterMs: PATIENCE_MS });
}
