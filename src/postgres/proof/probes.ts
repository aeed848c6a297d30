import { ClusterflowError } from "../../core/errors.ts";
import type { Connection } from "../connection.ts";
import { ask, toBigInt } from "./ask.ts";

const HAS_TABLE = "SELECT to_regclass('clusterflow.probes') IS NOT NULL AS has";
const FORGET = "DELETE FROM clusterflow.probes WHERE stored_at < now() - interval '7 days'";
const COUNT = `SELECT count(DISTINCT n) AS n FROM clusterflow.probes WHERE run = $1::text::uuid AND "group" = $2`;
const CLOCK = "SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now";
const STORED = `
  SELECT n, partition, "offset", extract(epoch FROM stored_at) * 1000 AS stored_at
    FROM clusterflow.probes
   WHERE run = $1::text::uuid AND "group" = $2
   ORDER BY id`;

/** Looks at the server's clock; the quickest answer tells it best. */
const LOOKS = 5;

export interface KeptProbe {
  readonly n: number;
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since 1970, by the server's clock. */
  readonly storedAt: number;
}

export async function hasProbes(connection: Connection): Promise<boolean> {
  const [row] = await ask(connection, HAS_TABLE);
  return row?.["has"] === true;
}

/** Removes what earlier runs left, after a week. Whoever may only read leaves it to others. */
export async function forgetOldProbes(connection: Connection): Promise<void> {
  try {
    await ask(connection, FORGET);
  } catch (error) {
    if (!(error instanceof ClusterflowError) || error.vendorCode !== "42501") throw error;
  }
}

export async function countProbes(connection: Connection, run: string, group: string): Promise<number> {
  const [row] = await ask(connection, COUNT, [run, group]);
  return Number(row?.["n"] ?? 0);
}

export async function readProbes(
  connection: Connection,
  run: string,
  group: string,
): Promise<readonly KeptProbe[]> {
  const rows = await ask(connection, STORED, [run, group]);
  return rows.map((row) => ({
    n: Number(row["n"]),
    partition: Number(row["partition"]),
    offset: toBigInt(row["offset"]),
    storedAt: Number(row["stored_at"]),
  }));
}

/** How many milliseconds the server's clock is ahead of this machine's. */
export async function clockLead(connection: Connection): Promise<number> {
  let best = { ms: Infinity, lead: 0 };
  for (let look = 0; look < LOOKS; look += 1) {
    const before = Date.now();
    const [row] = await ask(connection, CLOCK);
    const after = Date.now();
    if (after - before < best.ms)
      best = { ms: after - before, lead: Number(row?.["now"]) - (before + after) / 2 };
  }
  return best.lead;
}
