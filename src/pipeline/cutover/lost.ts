/** Where the way back begins in each partition, and which topic of the name that was; null when nobody said. */
export interface Position {
  readonly topicId: string | null;
  readonly from: ReadonlyMap<number, bigint>;
  /** How far the topic went when it was last looked at. */
  readonly seenTo: ReadonlyMap<number, bigint>;
}

/** What a partition holds now. */
export interface Held {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** Offsets that are gone, first and last included. */
export interface Gone {
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** Messages that the way back would need and that the topic no longer has; empty when it has them all. */
export function goneFrom(
  { topicId, from, seenTo }: Position,
  held: readonly Held[],
  heldId: string | null,
): readonly Gone[] {
  const isAnother = topicId !== null && heldId !== null && topicId !== heldId;
  const marks = new Map(held.map((one) => [one.partition, one]));
  return [...from]
    .toSorted(([left], [right]) => left - right)
    .flatMap(([partition, first]) => {
      const mark = marks.get(partition);
      const isCutOff = mark === undefined || isAnother || mark.high < first;
      const end = isCutOff ? (seenTo.get(partition) ?? first) : mark.low;
      return end > first ? [{ partition, first, last: end - 1n }] : [];
    });
}

/** A topic that was made anew holds nothing of what the position is about: it is read from its beginning. */
export function isAnotherTopic(position: Position, held: readonly Held[], heldId: string | null): boolean {
  const { topicId, from } = position;
  if (topicId !== null && heldId !== null) return topicId !== heldId;
  return held.some(({ partition, high }) => high < (from.get(partition) ?? 0n));
}

export function goneSentence(gone: readonly Gone[]): string {
  const count = gone.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
  const where = gone.map(
    ({ partition, first, last }) =>
      `partition ${partition} offsets ${first} to ${last} (${last - first + 1n})`,
  );
  return `${count} message${count === 1n ? "" : "s"}: ${where.join(", ")}`;
}
