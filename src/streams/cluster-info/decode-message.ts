import { parseDigest } from "../../core/digest.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import { assertNever } from "../../core/never.ts";
import type { Decoded } from "../define.ts";
import { clusterInfoMessage, type ClusterInfoMessage, type KindResult } from "./messages.ts";
import { objectsRow } from "./objects-row.ts";
import { printable } from "../../core/printable.ts";
import { rejected, type Rejected } from "../reading/rejected.ts";
import { schemaFault } from "./schema-fault.ts";

const SCHEMA_VERSION = 1;
const TYPES: ReadonlySet<Json | undefined> = new Set(
  clusterInfoMessage.options.map((option) => option.shape.type.value),
);

/** One message of clusterflow's own form as rows for `clusterflow.write_cluster_info`. */
export function decodeMessage(root: JsonObject, key: Buffer | null): Decoded {
  const unknown = unknownForm(root);
  if (unknown !== null) return unknown;
  const parsed = clusterInfoMessage.safeParse(root);
  if (!parsed.success) return rejected(schemaFault(parsed.error, root));
  const message = parsed.data;
  if (key !== null && key.length > 0 && !key.equals(Buffer.from(message.cluster))) {
    return rejected(
      `the message is of cluster "${printable(message.cluster)}" but its key is "${printable(key.toString("utf8"))}"; one cluster may not write into another`,
    );
  }
  return rowsOf(message);
}

function unknownForm(root: JsonObject): Rejected | null {
  const { type, schema } = root;
  if (type === undefined)
    return rejected("the field type is missing, and it is no snapshot of another form either");
  if (schema !== undefined && schema !== SCHEMA_VERSION) {
    return rejected(
      `the schema version ${shown(schema)} is unknown; this release reads version ${SCHEMA_VERSION}`,
    );
  }
  return TYPES.has(type) ? null : rejected(`the message type ${shown(type)} is unknown`);
}

/** A list or an object may hold anything, also somebody's secret. */
function shown(value: Json): string {
  if (typeof value !== "object" || value === null) return printable(JSON.stringify(value));
  return Array.isArray(value) ? "that is a list" : "that is an object";
}

function rowsOf(message: ClusterInfoMessage): Decoded {
  switch (message.type) {
    case "objects": {
      const row = objectsRow(message);
      if (row.kind === "rejected") return row;
      return { kind: "rows", rows: [row.row], ...(row.bytes > 0 && { bytes: row.bytes }) };
    }
    case "snapshot.begin":
    case "kind.end":
    case "snapshot.end":
    case "snapshot.abort":
      return { kind: "rows", rows: [rowOf(message)] };
    default:
      return assertNever(message);
  }
}

function rowOf(message: Exclude<ClusterInfoMessage, { type: "objects" }>): JsonObject {
  // PostgreSQL answers uuids in lower case, whatever it was given
  const common = { snapshot: message.snapshot.toLowerCase(), cluster: message.cluster };
  switch (message.type) {
    case "snapshot.begin":
      return {
        op: "begin",
        ...common,
        part: message.part,
        cluster_name: message.clusterName,
        server: message.server,
        server_version: message.serverVersion,
        started_at: message.startedAt,
        collector: message.collector,
        form: "clusterflow",
      };
    case "kind.end":
      return { op: "kind", ...common, part: message.part, ...kindRow(message) };
    case "snapshot.end":
      return {
        op: "end",
        ...common,
        started_at: message.startedAt,
        finished_at: message.finishedAt,
        parts: message.parts,
        objects: message.objects,
        revision: message.revision,
        consistency: message.consistency,
        digest: decimal(message.digest),
        kinds: message.kinds.map(manifestKind),
      };
    case "snapshot.abort":
      return { op: "abort", ...common, reason: message.reason };
    default:
      return assertNever(message);
  }
}

function kindRow(result: KindResult): JsonObject {
  return {
    ...manifestKind(result),
    reason: result.reason,
    http_status: result.httpStatus,
    revision: result.revision,
    consistency: result.consistency,
    pages: result.pages,
    duration_ms: result.durationMs,
  };
}

function manifestKind(result: KindResult): JsonObject {
  const { group, version, resource, kind, status, objects } = result;
  return { group, version, resource, kind, status, objects, digest: decimal(result.digest) };
}

/** A digest as PostgreSQL's `numeric` reads it. */
function decimal(digest: string): string {
  return String(parseDigest(digest) ?? 0n);
}
