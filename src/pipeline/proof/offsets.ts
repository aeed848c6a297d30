import { checkOf, failed, fine, pending, told, type Check, type Finding, type Remedy } from "./check.ts";
import { lossText } from "./losses.ts";
import { dropDeadLetters } from "./statements.ts";
import { strangerSentence, type Reader } from "./stranger.ts";

/** What a group's ledger says of one partition. */
export interface Position {
  readonly partition: number;
  readonly next: bigint;
  readonly first: bigint;
  readonly stored: bigint;
  readonly deadLettered: bigint;
  /** Records of `verify --live`, which are in no table of the stream. */
  readonly probes: bigint;
}

/** How the dead letters of one partition compare with the records that they are copies of. */
export interface DeadLetterEvidence {
  /** Rows with an offset that the ledger has settled: from `first` up to, not including, `next`. */
  readonly rows: bigint;
  /** Rows whose record retention has removed, so that nothing is left to compare them with. */
  readonly unreadable: bigint;
  /** Offsets whose key or value is not the record's. */
  readonly different: readonly bigint[];
  /** Offsets that the topic should have and has no record at. */
  readonly orphaned: readonly bigint[];
}

/** One partition, seen from both sides. The ledger was read before the topic, so `next` cannot pass an honest `high`. */
export interface PartitionEvidence {
  readonly partition: number;
  /** Earliest offset that the topic still has, and the one after its last. */
  readonly low: bigint;
  readonly high: bigint;
  readonly ledger: Position | null;
  /** Records that lie in what the ledger has settled and the topic still has. */
  readonly records: bigint;
  readonly deadLetters: DeadLetterEvidence;
}

/** Offsets of one partition and what became of them, as reports show it. */
export interface SettledOffsets {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
  readonly first: bigint | null;
  readonly next: bigint | null;
  readonly stored: bigint;
  readonly deadLettered: bigint;
  readonly probes: bigint;
  /** Settled offsets without a record: control records, compaction. Null when retention has removed some of them. */
  readonly gaps: bigint | null;
  /** Settled offsets whose records retention has removed. */
  readonly unchecked: bigint;
  /** Messages that the group has not settled. */
  readonly lag: bigint;
}

/**
 * Reconciles the ledger with the topic: what lies in the settled offsets is what was stored plus what was
 * dead-lettered. `needed` gives, per partition, the last offset of the snapshots in question: only a lag that reaches
 * them keeps the check pending.
 */
export function judgeOffsets(
  partitions: readonly PartitionEvidence[],
  needed: ReadonlyMap<number, bigint>,
  reader: Reader,
): Check {
  const settled = partitions.map(settledOffsets);
  const sum = (of: (one: SettledOffsets) => bigint): bigint =>
    settled.reduce((all, one) => all + of(one), 0n);
  const records = partitions.reduce((all, one) => all + one.records, 0n);
  return checkOf(
    {
      id: "offsets",
      title: "every message the group has passed is stored or dead-lettered, once",
      expected: `${records} records`,
      found: settledText({
        stored: sum((one) => one.stored),
        deadLettered: sum((one) => one.deadLettered),
        probes: sum((one) => one.probes),
      }),
    },
    [
      ...judgeReader(partitions, reader),
      ...(reader.losses ?? []).map((loss) => told(lossText(loss))),
      ...partitions.flatMap((one) => judgePartition(one, needed.get(one.partition) ?? null, reader)),
    ],
  );
}

/** What became of messages, as a sum; probes are told where there are any. */
export function settledText({
  stored,
  deadLettered,
  probes,
}: Pick<Position, "stored" | "deadLettered" | "probes">): string {
  return `${stored} stored + ${deadLettered} dead-lettered${probes === 0n ? "" : ` + ${probes} probes`}`;
}

/** A group without a row has proven nothing of the messages that lie there: its name may be mistyped. */
function judgeReader(partitions: readonly PartitionEvidence[], reader: Reader): readonly Finding[] {
  const isKnown = partitions.some(({ ledger }) => ledger !== null);
  const isEmpty = partitions.every(({ low, high }) => low === high);
  return isKnown || isEmpty ? [] : [pending(strangerSentence(reader))];
}

export function settledOffsets(evidence: PartitionEvidence): SettledOffsets {
  const { partition, low, high, ledger } = evidence;
  if (ledger === null) {
    const nothing = {
      first: null,
      next: null,
      stored: 0n,
      deadLettered: 0n,
      probes: 0n,
      gaps: 0n,
      unchecked: 0n,
    };
    return { partition, low, high, ...nothing, lag: high - low };
  }
  const { first, next, stored, deadLettered, probes } = ledger;
  const lag = later(0n, high - later(next, low));
  return {
    partition,
    low,
    high,
    first,
    next,
    stored,
    deadLettered,
    probes,
    ...unseen(evidence, ledger),
    lag,
  };
}

/** Offsets that were settled and hold no record, or none any more. */
function unseen(
  { low, records }: PartitionEvidence,
  { first, next }: Position,
): { gaps: bigint | null; unchecked: bigint } {
  const unchecked = later(0n, earlier(low, next) - first);
  return { unchecked, gaps: unchecked > 0n ? null : later(0n, next - first - records) };
}

function judgePartition(
  evidence: PartitionEvidence,
  needed: bigint | null,
  reader: Reader,
): readonly Finding[] {
  const { ledger } = evidence;
  if (ledger === null) return judgeUnread(evidence, needed);
  const impossible = impossiblePosition(evidence, ledger);
  if (impossible !== null) return [impossible];
  return [
    ...judgeRecords(evidence, ledger),
    ...judgeDeadLetters(evidence, ledger, reader),
    ...judgeLag(evidence, ledger, needed),
  ];
}

function judgeUnread({ partition, low, high }: PartitionEvidence, needed: bigint | null): readonly Finding[] {
  if (high === low) return [];
  const text = `partition ${partition}: the group has not begun, ${high - low} offsets wait`;
  return [needed === null ? told(text) : pending(text)];
}

function impossiblePosition(
  { partition, low, high }: PartitionEvidence,
  { first, next }: Position,
): Finding | null {
  const wrong = (text: string, expected: string, found: string): Finding =>
    failed(`partition ${partition}: ${text}`, { expected, found }, { step: "replay" });
  if (first > next) {
    return wrong(
      `first_offset ${first} is past next_offset ${next}`,
      `first_offset <= ${next}`,
      `first_offset ${first}`,
    );
  }
  if (next > high) {
    const text = `next_offset ${next} is past the topic's end ${high}: was the topic made anew?`;
    return wrong(text, `next_offset <= ${high}`, `next_offset ${next}`);
  }
  if (next >= low) return null;
  const removed = `offsets ${next}..${low - 1n} were removed by retention before the group had read them`;
  return wrong(removed, `offsets from ${next}`, `offsets from ${low}`);
}

function judgeRecords(evidence: PartitionEvidence, ledger: Position): readonly Finding[] {
  const { first, next, stored, deadLettered, probes } = ledger;
  const { partition, low, records } = evidence;
  const { unchecked, gaps } = settledOffsets(evidence);
  const settled = stored + deadLettered + probes;
  const sum = settledText(ledger);
  const where = `partition ${partition}, offsets ${first}..${next - 1n}`;
  const wrong = (text: string, expected: bigint): readonly Finding[] => [
    failed(
      `${where}: ${records} records lie there, but ${sum}: ${text}`,
      { expected: `${expected} records`, found: `${settled} settled` },
      { step: "replay" },
    ),
  ];
  if (settled < records) return wrong(`${records - settled} lost`, records);
  // what retention removed may have been records or gaps; as many as there were offsets at most
  const most = records + unchecked;
  if (settled > most) return wrong(`${settled - most} too many`, most);
  const removed = `${where}: retention has removed offsets up to ${low - 1n}, which can no longer be counted`;
  const skipped = `partition ${partition}: offsets ${low}..${first - 1n} lie before the group's first offset`;
  return [
    ...(first === next ? [] : [fine(`${where}: ${records} records = ${sum}`)]),
    ...(unchecked > 0n ? [told(removed)] : []),
    ...(gaps !== null && gaps > 0n ? [told(`partition ${partition}: ${gaps} offsets hold no record`)] : []),
    ...(first > low ? [told(skipped)] : []),
  ];
}

function judgeDeadLetters(
  { partition, deadLetters }: PartitionEvidence,
  ledger: Position,
  reader: Reader,
): readonly Finding[] {
  const { rows, unreadable, different, orphaned } = deadLetters;
  const missing = ledger.deadLettered - rows;
  const odd = [...different, ...orphaned];
  // one that is there is never written again, so what is not the record has to go first
  const remedy: Remedy = {
    step: "replay",
    ...(odd.length === 0 ? {} : { statement: dropDeadLetters({ ...reader, partition }, odd) }),
  };
  const wrong = (text: string, expected: string, found: string): Finding =>
    failed(`partition ${partition}: ${text}`, { expected, found }, remedy);
  return [
    ...(missing > 0n
      ? [
          wrong(
            `${missing} of ${ledger.deadLettered} dead letters are gone`,
            `${ledger.deadLettered} dead letters`,
            `${rows} dead letters`,
          ),
        ]
      : []),
    ...different.map((offset) =>
      wrong(
        `the dead letter of offset ${offset} is not what lies there`,
        `the record of ${partition}/${offset}`,
        "another one",
      ),
    ),
    ...orphaned.map((offset) =>
      wrong(
        `no record lies at offset ${offset} of a dead letter`,
        `a record at ${partition}/${offset}`,
        "none",
      ),
    ),
    // after a reset the same records are judged anew, perhaps by a newer version that accepts them
    ...(missing < 0n
      ? [told(`partition ${partition}: ${-missing} dead letters are from an earlier pass`)]
      : []),
    ...(unreadable > 0n
      ? [told(`partition ${partition}: ${unreadable} dead letters are older than what the topic still has`)]
      : []),
  ];
}

function judgeLag(
  { partition, high }: PartitionEvidence,
  { next }: Position,
  needed: bigint | null,
): readonly Finding[] {
  if (high === next) return [];
  const text = `partition ${partition}: ${high - next} offsets are not consumed yet`;
  return [needed !== null && needed >= next ? pending(text) : told(text)];
}

function later(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function earlier(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
