import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import * as z from "zod";
import { addDigests } from "../../core/digest.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Decoded } from "../define.ts";
import { COLLECTOR_KINDS, type CollectorKind } from "./collector-kinds.ts";
import { collectorItem } from "./collector-object.ts";
import { MAX_CLUSTER_BYTES } from "./limits.ts";
import { digestOf } from "./objects-row.ts";
import { rejected } from "../reading/rejected.ts";
import { schemaFault } from "./schema-fault.ts";
import { objectsOf } from "./summary/fields.ts";
import { isTimestamp } from "../reading/timestamp.ts";

const COLLECTOR = "cluster-info-collector";

/** Whether a value is a snapshot of the cluster info collector: a time and at least one of its nine arrays. */
export function isCollectorForm(root: JsonObject): boolean {
  if (Object.hasOwn(root, "type") || !Object.hasOwn(root, "timestamp")) return false;
  return COLLECTOR_KINDS.some(({ field }) => Object.hasOwn(root, field));
}

/**
 * A whole snapshot in one record, as the rows that our own messages become, so that the same SQL applies it.
 * Its identity is the hash of its bytes and its key: a snapshot that was produced or read twice is the same one.
 */
export function decodeCollectorForm(root: JsonObject, bytes: Buffer, key: Buffer | null): Decoded {
  const cluster = clusterOf(key);
  if (cluster === null)
    return rejected(
      `the key, which names the cluster, is not valid UTF-8, holds a NUL or has more than ${MAX_CLUSTER_BYTES} bytes`,
    );
  const parsed = snapshotShape.safeParse(root);
  if (!parsed.success) return rejected(schemaFault(parsed.error, root));
  const { timestamp } = parsed.data;
  const common = { snapshot: uuidOf(bytes, key), cluster };
  const begin = {
    op: "begin",
    ...common,
    part: 1,
    cluster_name: cluster,
    server: "",
    server_version: "",
    started_at: timestamp,
    collector: COLLECTOR,
    form: COLLECTOR,
  };
  const read = COLLECTOR_KINDS.map((kind) => readKind(root, kind));
  const pieces = read.flatMap(kindRows).map((row, index) => ({ ...row, ...common, part: index + 2 }));
  const end = { op: "end", ...common, ...manifestOf(read, timestamp), parts: pieces.length + 1 };
  return { kind: "rows", rows: [begin, ...pieces, end] };
}

const snapshotShape = z.looseObject({
  timestamp: z.string().refine(isTimestamp, "expected a time such as 2026-01-31T10:00:00Z"),
  ...Object.fromEntries(COLLECTOR_KINDS.map(({ field, objects }) => [field, objects.optional()])),
});

/** The key, where there is one; null when PostgreSQL could not store it. */
function clusterOf(key: Buffer | null): string | null {
  if (key === null || key.length === 0) return COLLECTOR;
  const isFit = key.length <= MAX_CLUSTER_BYTES && isUtf8(key) && !key.includes(0);
  return isFit ? key.toString("utf8") : null;
}

/** The first half of the SHA-256 as a UUID of version 8, whose bits anybody may choose (RFC 9562, section 5.8). */
function uuidOf(bytes: Buffer, key: Buffer | null): string {
  const half = createHash("sha256")
    .update(bytes)
    .update(key ?? "")
    .digest()
    .subarray(0, 16);
  half.writeUInt8((half.readUInt8(6) & 0x0f) | 0x80, 6);
  half.writeUInt8((half.readUInt8(8) & 0x3f) | 0x80, 8);
  return half.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

interface ReadKind {
  readonly named: {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    readonly kind: string;
  };
  readonly isSent: boolean;
  readonly field: string;
  readonly items: readonly JsonObject[];
  readonly digest: bigint;
}

function readKind(root: JsonObject, sort: CollectorKind): ReadKind {
  const { field, group, resource, kind } = sort;
  const items = objectsOf(root[field]).map((object) => collectorItem(object, sort));
  const named = { group, version: "v1", resource, kind };
  return { named, isSent: Object.hasOwn(root, field), field, items, digest: digestOf(items) };
}

/** The collector writes every array, null when it is empty: one that is not there was never read, so nothing is gone. */
function statusOf({ isSent }: ReadKind): "complete" | "error" {
  return isSent ? "complete" : "error";
}

function kindRows(read: ReadKind): readonly JsonObject[] {
  const { named, items, field, isSent } = read;
  const digest = String(read.digest);
  const result = {
    op: "kind",
    ...named,
    status: statusOf(read),
    reason: isSent ? null : `the message has no field ${field}`,
    http_status: null,
    revision: null,
    consistency: isSent ? "kind" : "none",
    pages: isSent ? 1 : 0,
    objects: items.length,
    digest,
    duration_ms: 0,
  };
  return items.length === 0 ? [result] : [{ op: "objects", ...named, digest, items }, result];
}

function manifestOf(read: readonly ReadKind[], timestamp: string): JsonObject {
  return {
    started_at: timestamp,
    finished_at: timestamp,
    objects: read.reduce((sum, { items }) => sum + items.length, 0),
    revision: null,
    consistency: "kind",
    digest: String(read.map(({ digest }) => digest).reduce(addDigests, 0n)),
    kinds: read.map((kind) => ({
      ...kind.named,
      status: statusOf(kind),
      objects: kind.items.length,
      digest: String(kind.digest),
    })),
  };
}
