import type { Connection } from "../connection.ts";
import { ask } from "./ask.ts";

const HAS_SCHEMA = `
  SELECT to_regclass('clusterflow.offsets') IS NOT NULL AND to_regclass('public.cluster_snapshots') IS NOT NULL AS has`;

/** It is the first question of all, and asks nothing of the disk: who does not answer it is away. */
const DEADLINE_MS = 10_000;

/** Whether clusterflow's tables were ever made here; without them nothing can have been written. */
export async function hasSchema(connection: Connection): Promise<boolean> {
  const [row] = await ask(connection, HAS_SCHEMA, [], DEADLINE_MS);
  return row?.["has"] === true;
}
