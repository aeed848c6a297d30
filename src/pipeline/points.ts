import { channel } from "node:diagnostics_channel";

/** Moments in the life of a claim and of its batches, in their order. */
export type Point =
  /** The epochs are raised, the positions read; nothing was sought yet. */
  | "claimed"
  | "sought"
  /** Records wait in their queue. */
  | "fetched"
  | "cut"
  /** The statement is the driver's; its answer is not here. */
  | "sent"
  /** The answer is here; our own position has not moved. */
  | "answered"
  /** The write was refused: the partition is somebody else's. */
  | "fenced"
  | "stored"
  /** Kafka has heard, as a courtesy, how far the group is. */
  | "committed"
  /** PostgreSQL refused a row, which is looked for from now on. */
  | "halved"
  | "drain"
  | "left";

/** Moments in the life of entries in the spool. */
export type SpoolPoint =
  /** A group is with the system, not on the disk. */
  | "spool-written"
  /** It is on the disk, with its file's name; nobody was told. */
  | "spool-synced"
  /** Kafka has acknowledged what was replayed; nothing of it is confirmed. */
  | "spool-replayed"
  /** The new cursor is on the disk, under a name that nobody reads. */
  | "spool-cursor"
  /** It is the cursor; what it confirms was not deleted yet. */
  | "spool-confirmed";

/** Moments in the steps of a cut-over. */
export type CutoverPoint =
  /** The triggers are on the table, and the state says so. */
  | "cutover-begun"
  /** Kafka has acknowledged rows of the table; nothing says so yet. */
  | "cutover-sent"
  /** It is noted that they are sent. */
  | "cutover-noted"
  /** The table has its other name; its last rows wait. */
  | "cutover-closed"
  /** All of them are sent. */
  | "cutover-drained"
  /** The table has its name back; what only the topic has is missing in it. */
  | "cutover-opened"
  /** Events of the topic are in the table. */
  | "cutover-refilled";

/** What listeners get. One that sets `fault` makes it be thrown there; what listeners throw themselves stays theirs. */
export interface Moment {
  readonly point: Point | SpoolPoint | CutoverPoint;
  fault: Error | null;
}

const moments = channel("clusterflow:point");

/** Says that the process got this far. Nobody listens but proofs by faults, and then it costs one look. */
export function reached(point: Point | SpoolPoint | CutoverPoint): void {
  if (!moments.hasSubscribers) return;
  const moment: Moment = { point, fault: null };
  moments.publish(moment);
  if (moment.fault !== null) throw moment.fault;
}
