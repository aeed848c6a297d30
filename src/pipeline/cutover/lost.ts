/** Where the way back begins in each partition, and which topic of the name that was; null when nobody said. */
export interface Position {
  readonly topicId: string | null;
  readonly from: ReadonlyMap<number, bigint>;
}

/** What a partition holds now. */
export interface Held {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** Offsets that are gone, first and last included; a topic that is gone takes with it how far it went: null. */
export interface Gone {
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint | null;
}

/** Messages that the way back would need and that the topic no longer has; empty when it has them all. */
export function goneFrom(position: Position, held: readonly Held[], heldId: string | null): readonly Gone[] {
  const { from } = position;
  const isAnother = isAnotherTopic(position, held, heldId);
  const marks = new Map(held.map((one) => [one.partition, one]));
  return [...from]
    .toSorted(([left], [right]) => left - right)
    .flatMap(([partition, first]): Gone[] => {
      const mark = marks.get(partition);
      if (mark === undefined || isAnother) return [{ partition, first, last: null }];
      return mark.low > first ? [{ partition, first, last: mark.low - 1n }] : [];
    });
}

/** A topic that was made anew holds nothing of what the position is about: it is read from its beginning. */
export function isAnotherTopic(position: Position, held: readonly Held[], heldId: string | null): boolean {
  const { topicId, from } = position;
  if (topicId !== null && heldId !== null) return topicId !== heldId;
  return held.some(({ partition, high }) => high < (from.get(partition) ?? 0n));
}

export function goneSentence(gone: readonly Gone[]): string {
  const known = gone.flatMap(({ first, last }) => (last === null ? [] : [last - first + 1n]));
  const count = known.reduce((sum, one) => sum + one, 0n);
  const where = gone.map(({ partition, first, last }) =>
    last === null
      ? `partition ${partition} from offset ${first} on`
      : `partition ${partition} offsets ${first} to ${last} (${last - first + 1n})`,
  );
  const what =
    known.length < gone.length
      ? "the topic was deleted and made anew, and nobody knows how much"
      : `${count} message${count === 1n ? "" : "s"}`;
  return `${what}: ${where.join(", ")}`;
}
