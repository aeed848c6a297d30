import { checkOf, failed, fine, told, type Check, type Finding } from "../check.ts";
import type { StoredRow, StoredSnapshot } from "./stored.ts";
import type { SealedTrace } from "./topic.ts";

/** Where the consumers stand in the partition of a snapshot. */
export interface Reach {
  /** The group's next offset; null when it has never begun there. */
  readonly next: bigint | null;
  /** Where its count of records begins. */
  readonly first: bigint | null;
  /** Raised by every process that took the partition over, and by every reset; 0 when it has never begun. */
  readonly epoch: bigint;
  /** The furthest next offset of all other groups; null when there is none. */
  readonly others: bigint | null;
}

export interface SealedEvidence {
  readonly trace: SealedTrace;
  readonly stored: StoredSnapshot;
  readonly reach: Reach;
}

/** Clocks of one machine agree to less than this; the producer's and PostgreSQL's are compared with it. */
const CLOCK_TOLERANCE_MS = 1_000;

/**
 * Whether the snapshots came into the database through the consumer and nobody else: written as `kafka`, after their
 * seal lay in the topic, with the group's ledger past it; and not there at all before.
 */
export function judgeUntouched(snapshots: readonly SealedEvidence[]): Check {
  const findings = snapshots.flatMap((one) => (isSealRead(one) ? judgeAfter(one) : judgeBefore(one)));
  return checkOf(
    {
      id: "untouched",
      title: "only the consumer wrote to the database, after the messages lay in the topic",
      expected: "transport kafka",
      found: transportsOf(snapshots),
    },
    findings,
  );
}

function isSealRead({ trace, reach }: SealedEvidence): boolean {
  return reach.next !== null && reach.next > trace.seal.offset;
}

function transportsOf(snapshots: readonly SealedEvidence[]): string {
  const transports = new Set(
    snapshots.map(({ stored }) => stored.row?.transport).filter((one) => one !== undefined),
  );
  return transports.size === 0 ? "no row" : `transport ${[...transports].join(", ")}`;
}

function judgeAfter({ trace, stored, reach }: SealedEvidence): readonly Finding[] {
  if (stored.row === null) return [];
  const fault = writtenOtherwise(trace, stored.row);
  if (fault !== null) return [fault];
  const order = `written after its seal at offset ${trace.seal.offset}, ledger at ${reach.next ?? 0n}`;
  return [fine(`snapshot ${trace.snapshot}: ${order} (clocks compared to ${CLOCK_TOLERANCE_MS / 1000} s)`)];
}

function judgeBefore({ trace, stored, reach }: SealedEvidence): readonly Finding[] {
  const { snapshot, seal } = trace;
  if (stored.row === null) return [fine(`snapshot ${snapshot} is not consumed and not in the database`)];
  const fault = writtenOtherwise(trace, stored.row);
  if (fault !== null) return [fault];
  if (reach.others !== null && reach.others > seal.offset)
    return [told(`snapshot ${snapshot} was stored by another group`)];
  // a group that was put back stands before what it has stored; nothing else raises the epoch above the first claim's
  if (reach.epoch > 1n)
    return [
      told(`snapshot ${snapshot} was stored before the group was put back to offset ${reach.next ?? 0n}`),
    ];
  return [
    failed(
      `snapshot ${snapshot} is in the database although no consumer has come to its seal at offset ${seal.offset}`,
      { expected: "not stored yet", found: "stored" },
      { step: "origin" },
    ),
  ];
}

function writtenOtherwise({ snapshot, seal }: SealedTrace, row: StoredRow): Finding | null {
  if (row.transport !== "kafka") {
    return failed(
      `snapshot ${snapshot} was written by transport ${row.transport}, not by the consumer`,
      { expected: "transport kafka", found: `transport ${row.transport}` },
      { step: "origin" },
    );
  }
  const early = seal.timestamp - row.writtenAt;
  // a producer that gave no time gave -1, which no row is older than
  if (early <= CLOCK_TOLERANCE_MS) return null;
  return failed(
    `snapshot ${snapshot} was written ${early} ms before its seal lay in the topic, or the clocks of the two differ`,
    { expected: "written after its seal", found: `${early} ms before` },
    { step: "origin" },
  );
}
