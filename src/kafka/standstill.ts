import type { Watermarks } from "./watermarks.ts";

/** Where a partition of this member stands, and whether somebody works at it: a delivery, a claim. */
export interface Place {
  readonly partition: number;
  /** null before it is claimed. */
  readonly position: bigint | null;
  readonly isInHand: boolean;
}

/** A partition that has more, which nobody reads. */
export interface Still {
  readonly partition: number;
  readonly position: bigint;
  readonly behind: bigint;
  readonly ms: number;
  /** Whether it has never moved since this was watched. */
  readonly isFromTheStart: boolean;
}

interface Mark {
  readonly position: bigint;
  readonly since: number;
  readonly hasMoved: boolean;
}

/** Which partitions stand still although Kafka has more, seen from look to look. */
export class Standstill {
  readonly #marks = new Map<number, Mark>();

  /** The one that has stood still for longest; null when all move, are at their end or in somebody's hands. */
  look(places: readonly Place[], marks: ReadonlyMap<number, Watermarks>): Still | null {
    const now = performance.now();
    const stills = places.map((place) => this.#still(place, marks.get(place.partition), now));
    return stills.reduce((longest, still) => ((still?.ms ?? 0) > (longest?.ms ?? 0) ? still : longest), null);
  }

  /** There turned out to be nothing to read: what lay behind the position is compacted away. */
  excuse({ partition, position }: Still): void {
    this.#marks.set(partition, { position, since: performance.now(), hasMoved: true });
  }

  #still({ partition, position, isInHand }: Place, marks: Watermarks | undefined, now: number): Still | null {
    const { low, high } = marks ?? { low: 0n, high: 0n };
    const at = position ?? low;
    const mark = this.#marks.get(partition);
    if (mark?.position === at && !isInHand && at < high) {
      const { since, hasMoved } = mark;
      return { partition, position: at, behind: high - at, ms: now - since, isFromTheStart: !hasMoved };
    }
    const hasMoved = mark !== undefined && (mark.hasMoved || mark.position !== at);
    this.#marks.set(partition, { position: at, since: now, hasMoved });
    return null;
  }
}
