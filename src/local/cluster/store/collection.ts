import type { JsonObject } from "../../../core/json.ts";
import type { Family } from "../synthetic/cluster.ts";

/** `namespace/name`, or the name alone outside namespaces: how etcd orders objects, and what pages go by. */
export function keyOf(identity: { readonly namespace: string | null; readonly name: string }): string {
  return identity.namespace === null ? identity.name : `${identity.namespace}/${identity.name}`;
}

/** Keys from `from` on, up to `to` but without it; null is no end. */
export interface KeyRange {
  readonly from: string;
  readonly to: string | null;
}

export interface Entry {
  readonly key: string;
  /** Makes the object; asked for as late as possible, because this is what costs. */
  readonly read: () => JsonObject;
}

interface Version {
  readonly revision: number;
  /** Null: it was deleted. */
  readonly document: JsonObject | null;
}

interface History {
  /** Place in the generated cluster; null for what was created later. */
  readonly origin: number | null;
  /** Oldest first. */
  versions: Version[];
}

/**
 * The objects of one kind at every revision that is still remembered. The generated objects are never kept, only
 * their order; what has changed since lies over them, version by version.
 */
export class Collection {
  readonly #family: Family;
  readonly #histories = new Map<string, History>();
  /** Sorted keys of what the generated cluster does not have. */
  readonly #added: string[] = [];
  #order: Uint32Array | null = null;

  constructor(family: Family) {
    this.#family = family;
  }

  /** The object as it was at a revision; null when there was none. */
  read(key: string, revision: number): JsonObject | null {
    const origin = this.#histories.get(key)?.origin ?? this.#originOf(key);
    return this.#at(key, origin, revision)?.() ?? null;
  }

  /** Objects in the order of their keys. Changes made while it runs do not show: the revision decides. */
  *scan(range: KeyRange, revision: number): Generator<Entry> {
    let position = this.#positionOf(range.from);
    let from = range.from;
    for (;;) {
      const origin = this.#sorted[position];
      const generated = origin === undefined ? null : this.#keyAt(origin);
      const added = this.#added[lowerBound(this.#added, from)] ?? null;
      const key = smaller(generated, added);
      if (key === null || isBeyond(key, range)) return;
      const isGenerated = key === generated;
      if (isGenerated) position += 1;
      from = `${key}\u0000`;
      const read = this.#at(key, isGenerated ? (origin ?? null) : null, revision);
      if (read !== null) yield { key, read };
    }
  }

  /** How many objects a scan would give, without the scan. */
  count(range: KeyRange, revision: number): number {
    const end = range.to === null ? this.#family.count : this.#positionOf(range.to);
    let count = end - this.#positionOf(range.from);
    for (const [key, { origin }] of this.#histories) {
      if (key < range.from || isBeyond(key, range)) continue;
      if (origin !== null) count -= 1;
      if (this.#at(key, origin, revision) !== null) count += 1;
    }
    return count;
  }

  /** The generated key that lies at a fraction of the order. */
  someKey(fraction: number): string {
    return this.#keyAt(this.#sorted[Math.floor(fraction * this.#family.count)] ?? 0);
  }

  /** Records what an object is from a revision on; null for its end. */
  write(key: string, revision: number, document: JsonObject | null): void {
    let history = this.#histories.get(key);
    if (history === undefined) {
      history = { origin: this.#originOf(key), versions: [] };
      this.#histories.set(key, history);
      if (history.origin === null) this.#added.splice(lowerBound(this.#added, key), 0, key);
    }
    history.versions.push({ revision, document });
  }

  /** Drops versions that nobody may ask for any more; the one that held at the revision stays. */
  forgetBefore(revision: number): void {
    for (const [key, history] of this.#histories) {
      const current = history.versions.findLastIndex((version) => version.revision <= revision);
      if (current > 0) history.versions = history.versions.slice(current);
      const [oldest, ...later] = history.versions;
      const isGone = oldest?.document === null && oldest.revision <= revision && later.length === 0;
      if (isGone && history.origin === null) {
        this.#histories.delete(key);
        this.#added.splice(lowerBound(this.#added, key), 1);
      }
    }
  }

  /** What makes the object as of a revision; null when there was none. */
  #at(key: string, origin: number | null, revision: number): (() => JsonObject) | null {
    const version = this.#histories
      .get(key)
      ?.versions.findLast((candidate) => candidate.revision <= revision);
    if (version === undefined) return origin === null ? null : () => this.#family.make(origin);
    const { document } = version;
    return document === null ? null : () => document;
  }

  #keyAt(origin: number): string {
    return keyOf(this.#family.identify(origin));
  }

  /** Indices of the generated objects in the order of their keys; four bytes an object, made when first needed. */
  get #sorted(): Uint32Array {
    if (this.#order === null) {
      const keys = Array.from({ length: this.#family.count }, (_, index) => this.#keyAt(index));
      const compare = (left: number, right: number): number =>
        (keys[left] ?? "") < (keys[right] ?? "") ? -1 : 1;
      this.#order = Uint32Array.from(keys.keys()).sort(compare);
    }
    return this.#order;
  }

  /** Place in the order of the first generated key that is not before the given one. */
  #positionOf(key: string): number {
    let low = 0;
    let high = this.#family.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keyAt(this.#sorted[middle] ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #originOf(key: string): number | null {
    const origin = this.#sorted[this.#positionOf(key)];
    return origin !== undefined && this.#keyAt(origin) === key ? origin : null;
  }
}

function isBeyond(key: string, { to }: KeyRange): boolean {
  return to !== null && key >= to;
}

function smaller(left: string | null, right: string | null): string | null {
  if (left === null || right === null) return left ?? right;
  return left < right ? left : right;
}

function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
