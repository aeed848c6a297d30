import { isJsonObject, type JsonObject } from "../../../core/json.ts";

/** What a manifest claims of one kind. */
export interface KindClaim {
  readonly group: string;
  readonly resource: string;
  readonly status: string;
  readonly objects: number;
  readonly digest: bigint;
}

/** The seal of a snapshot: what it must hold. */
export interface ManifestClaim {
  readonly snapshot: string;
  readonly cluster: string;
  readonly startedAt: string;
  /** Parts before the seal. */
  readonly parts: number;
  readonly objects: number;
  readonly kinds: readonly KindClaim[];
}

/**
 * Reads the `end` row that the stream's decoding makes of `snapshot.end`; the database keeps the same row in
 * `clusterflow.snapshots.manifest`. Null when it is not one.
 */
export function manifestOf(row: unknown): ManifestClaim | null {
  if (!isJsonObject(row)) return null;
  const { snapshot, cluster, started_at: startedAt, parts, objects, kinds } = row;
  if (typeof snapshot !== "string" || typeof cluster !== "string" || typeof startedAt !== "string")
    return null;
  if (!isCount(parts) || !isCount(objects) || !Array.isArray(kinds)) return null;
  const claims = kinds.map(kindOf).filter((kind) => kind !== null);
  if (claims.length < kinds.length) return null;
  return { snapshot: snapshot.toLowerCase(), cluster, startedAt, parts, objects, kinds: claims };
}

function kindOf(value: unknown): KindClaim | null {
  if (!isJsonObject(value)) return null;
  const { group, resource, status, objects } = value;
  const digest = digestOf(value);
  if (typeof group !== "string" || typeof resource !== "string" || typeof status !== "string") return null;
  if (!isCount(objects) || digest === null) return null;
  return { group, resource, status, objects, digest };
}

/** Rows carry digests as decimal text, because that is what PostgreSQL's `numeric` reads and sums. */
function digestOf(value: JsonObject): bigint | null {
  const digest = value["digest"];
  return typeof digest === "string" && /^\d{1,78}$/.test(digest) ? BigInt(digest) : null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
