import type { JsonObject } from "../../../core/json.ts";
import { Collection } from "./collection.ts";
import type { SyntheticCluster } from "../synthetic/cluster.ts";

/** Changes whose past is kept; as many as an etcd under ordinary load sees in its five minutes between compactions. */
const REMEMBERED_CHANGES = 10_000;

/** The cluster through time: one counter of revisions over all kinds, as etcd has it. */
export class Store {
  readonly #collections: ReadonlyMap<string, Collection>;
  readonly #first: number;
  #revision: number;
  #compacted: number;
  #readers = 0;

  constructor(cluster: SyntheticCluster) {
    const collections = [...cluster.families].map(
      ([resource, family]) => [resource, new Collection(family)] as const,
    );
    this.#collections = new Map(collections);
    this.#first = cluster.revision;
    this.#revision = cluster.revision;
    this.#compacted = cluster.revision;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Revisions before this one are gone for good. */
  get compacted(): number {
    return this.#compacted;
  }

  /** The cluster's own time, in seconds since it was generated: each change takes one, so that replays agree. */
  get now(): number {
    return this.#revision - this.#first;
  }

  collection(resource: string): Collection | null {
    return this.#collections.get(resource) ?? null;
  }

  /** One change: a new revision, at which the object becomes what `write` makes for it. */
  change(resource: string, key: string, write: (revision: number) => JsonObject | null): void {
    const collection = this.#collections.get(resource);
    if (collection === undefined) return;
    this.#revision += 1;
    collection.write(key, this.#revision, write(this.#revision));
    if (this.#revision - this.#compacted >= 2 * REMEMBERED_CHANGES)
      this.compact(this.#revision - REMEMBERED_CHANGES);
  }

  /** Forgets the past up to a revision, which stays readable itself. */
  compact(revision = this.#revision): void {
    this.#compacted = Math.max(this.#compacted, revision);
    this.#forget();
  }

  /** While somebody reads, nothing is thrown away: an answer that has begun ends at the revision it began with. */
  startReading(): Disposable {
    this.#readers += 1;
    return {
      [Symbol.dispose]: () => {
        this.#readers -= 1;
        if (this.#readers === 0) this.#forget();
      },
    };
  }

  #forget(): void {
    if (this.#readers > 0) return;
    for (const collection of this.#collections.values()) collection.forgetBefore(this.#compacted);
  }
}
