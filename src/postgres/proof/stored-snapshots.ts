import type { StoredRow, StoredSnapshot } from "../../pipeline/proof/snapshot/stored.ts";
import type { Reach } from "../../pipeline/proof/snapshot/untouched.ts";
import type { Connection, Row } from "../connection.ts";
import { ask, textOrNull, toBigInt } from "./ask.ts";

/** What is known of a snapshot; `s` is its row in clusterflow.snapshots, or all nulls, and `asked` its id. */
const COLUMNS = `
  asked.snapshot::text AS snapshot, s.status, s.reason,
  (SELECT count(*)::integer FROM clusterflow.snapshot_parts p WHERE p.snapshot = asked.snapshot) AS staged,
  (SELECT count(*)::integer FROM public.cluster_snapshots r WHERE r.snapshot = asked.snapshot) AS rows,
  c.id, c.cluster_id, c.seq, c.transport, c.objects, floor(extract(epoch FROM c.created_at) * 1000)::bigint AS written_at`;

const FIRST_ROW = `
  LEFT JOIN LATERAL (SELECT r.id, r.cluster_id, r.seq, r.transport, r.objects, r.created_at
                       FROM public.cluster_snapshots r WHERE r.snapshot = asked.snapshot ORDER BY r.id LIMIT 1) c ON true`;

/**
 * Snapshots and the positions of their partitions in one statement, hence as of one moment: a consumer that is running
 * moves both at once.
 */
const ASKED = `
  SELECT ${COLUMNS}, o.next_offset, o.first_offset, o.epoch,
         (SELECT max(g.next_offset) FROM clusterflow.offsets g
           WHERE g.topic = $2 AND g.partition = asked.partition AND g."group" <> $1) AS others
    FROM jsonb_to_recordset($3::text::jsonb) AS asked (snapshot uuid, partition integer)
    LEFT JOIN clusterflow.snapshots s ON s.snapshot = asked.snapshot
    LEFT JOIN clusterflow.offsets o ON o."group" = $1 AND o.topic = $2 AND o.partition = asked.partition ${FIRST_ROW}`;

const ALL = `
  SELECT ${COLUMNS}, asked.cluster_id AS cluster, asked.manifest IS NOT NULL AS sealed,
         floor(extract(epoch FROM asked.started_at) * 1000)::bigint AS started_at
    FROM clusterflow.snapshots asked
    LEFT JOIN clusterflow.snapshots s ON s.snapshot = asked.snapshot ${FIRST_ROW}
   WHERE asked.snapshot > $1::uuid
   ORDER BY asked.snapshot
   LIMIT $2`;

export interface AskedSnapshot {
  readonly snapshot: string;
  /** Where its messages lie. */
  readonly partition: number;
}

export interface ReachedSnapshot {
  readonly stored: StoredSnapshot;
  readonly reach: Reach;
}

/** What the database has of some snapshots, and where the consumers of their partitions stand; in any order. */
export async function readReached(
  connection: Connection,
  { group, topic }: { readonly group: string; readonly topic: string },
  asked: readonly AskedSnapshot[],
): Promise<readonly ReachedSnapshot[]> {
  const found: ReachedSnapshot[] = [];
  for (let at = 0; at < asked.length; at += PAGE) {
    const rows = await ask(connection, ASKED, [group, topic, JSON.stringify(asked.slice(at, at + PAGE))]);
    found.push(...rows.map((row) => ({ stored: toStored(row), reach: toReach(row) })));
  }
  return found;
}

export interface KnownSnapshot {
  readonly stored: StoredSnapshot;
  readonly cluster: string;
  readonly seal: "sealed" | "unsealed";
  /** Milliseconds since 1970; null while its begin has not come. */
  readonly startedAt: number | null;
}

/** Every snapshot that the database ever heard of. */
export async function readKnown(connection: Connection): Promise<readonly KnownSnapshot[]> {
  const found: KnownSnapshot[] = [];
  for (let last: string | undefined = LOWEST_UUID; last !== undefined;) {
    const rows: readonly Row[] = await ask(connection, ALL, [last, PAGE]);
    found.push(...rows.map(toKnown));
    last = rows.length < PAGE ? undefined : found.at(-1)?.stored.snapshot;
  }
  return found;
}

const PAGE = 1000;
const LOWEST_UUID = "00000000-0000-0000-0000-000000000000";

function toKnown(row: Row): KnownSnapshot {
  return {
    stored: toStored(row),
    cluster: String(row["cluster"]),
    seal: row["sealed"] === true ? "sealed" : "unsealed",
    startedAt: row["started_at"] === null ? null : Number(row["started_at"]),
  };
}

function toStored(row: Row): StoredSnapshot {
  return {
    snapshot: String(row["snapshot"]),
    status: textOrNull(row["status"]),
    reason: textOrNull(row["reason"]),
    rows: Number(row["rows"]),
    row: row["id"] === null ? null : toStoredRow(row),
    staged: Number(row["staged"]),
  };
}

function toStoredRow(row: Row): StoredRow {
  return {
    id: toBigInt(row["id"]),
    cluster: String(row["cluster_id"]),
    seq: String(row["seq"]),
    transport: String(row["transport"]),
    writtenAt: Number(row["written_at"]),
    objects: Number(row["objects"]),
  };
}

function toReach(row: Row): Reach {
  return {
    next: bigintOrNull(row["next_offset"]),
    first: bigintOrNull(row["first_offset"]),
    epoch: bigintOrNull(row["epoch"]) ?? 0n,
    others: bigintOrNull(row["others"]),
  };
}

function bigintOrNull(value: unknown): bigint | null {
  return value === null ? null : toBigInt(value);
}
