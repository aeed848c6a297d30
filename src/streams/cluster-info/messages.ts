import * as z from "zod";
import type { Json } from "../../core/json.ts";
import { clusterText, kindText } from "./limits.ts";
import { isTimestamp } from "../reading/timestamp.ts";

/**
 * The messages of topic `cluster-info`. One snapshot is `snapshot.begin`, then for each kind any number of
 * `objects` and one `kind.end`, then `snapshot.end`, which seals it. Every message but the last two kinds of
 * ending carries a `part` number, counted from 1 without gaps: the manifest says how many there must be.
 */

const digest = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 lower case hexadecimal digits");
/** Within PostgreSQL's `integer`, where every number of a message goes. */
const count = z.int32().nonnegative();

/** `complete`: every object was listed. `partial`: some were. The other three: none, for the reason given. */
export const KIND_STATUSES = ["complete", "partial", "forbidden", "not_served", "error"] as const;
export type KindStatus = (typeof KIND_STATUSES)[number];

/**
 * `cut`: read at the same revision as the first kind. `kind`: read at a revision of its own.
 * `inconsistent`: its pages come from different revisions. `none`: nothing was read.
 */
export const CONSISTENCIES = ["cut", "kind", "inconsistent", "none"] as const;
export type Consistency = (typeof CONSISTENCIES)[number];

const kindRef = {
  group: kindText,
  version: z.string(),
  resource: kindText.min(1),
  kind: z.string(),
};

const kindResult = z.object({
  ...kindRef,
  status: z.enum(KIND_STATUSES),
  reason: z.string().nullable(),
  httpStatus: z.int32().nullable(),
  revision: z.string().nullable(),
  consistency: z.enum(CONSISTENCIES),
  pages: count,
  objects: count,
  /** Sum modulo 2^256 over the objects, see `core/digest.ts`. */
  digest,
  durationMs: z.number().nonnegative(),
});
export type KindResult = Readonly<z.infer<typeof kindResult>>;

const common = { schema: z.literal(1), snapshot: z.uuid(), cluster: clusterText };
const part = z.int32().positive();
const isoTime = z.string().refine(isTimestamp, "expected a time such as 2026-01-31T10:00:00Z");

const begin = z.object({
  type: z.literal("snapshot.begin"),
  ...common,
  part,
  clusterName: z.string(),
  server: z.string(),
  serverVersion: z.string(),
  startedAt: isoTime,
  collector: z.string(),
});

const objects = z.object({
  type: z.literal("objects"),
  ...common,
  part,
  ...kindRef,
  /** Absent: `items` is the array. `gzip+base64`: it is that array's JSON, packed, because one object was too large. */
  encoding: z.literal("gzip+base64").optional(),
  items: z.custom<readonly Json[] | string>(isListOrText, "expected an array, or a text when it is packed"),
});

/** Only that: a message may hold a thousand objects, and what an object must have is looked at when it is read. */
function isListOrText(value: unknown): boolean {
  return Array.isArray(value) || typeof value === "string";
}

const kindEnd = z.object({ type: z.literal("kind.end"), ...common, part, ...kindResult.shape });

const end = z.object({
  type: z.literal("snapshot.end"),
  ...common,
  startedAt: isoTime,
  finishedAt: isoTime,
  /** Messages before this one. */
  parts: count,
  objects: count,
  /** resourceVersion of the first kind listed; null when no kind could be read. */
  revision: z.string().nullable(),
  /** The worst of the kinds that were read. */
  consistency: z.enum(CONSISTENCIES),
  kinds: z.array(kindResult),
  /** Sum modulo 2^256 of the kinds' digests. */
  digest,
});

const abort = z.object({ type: z.literal("snapshot.abort"), ...common, reason: z.string() });

export const clusterInfoMessage = z.discriminatedUnion("type", [begin, objects, kindEnd, end, abort]);
export type ClusterInfoMessage = z.infer<typeof clusterInfoMessage>;
export type ObjectsMessage = z.infer<typeof objects>;
export type Manifest = z.infer<typeof end>;
