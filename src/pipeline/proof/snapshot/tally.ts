import { addDigests, digestTerm, hashOf } from "../../../core/digest.ts";
import type { Json } from "../../../core/json.ts";

/** One stored object as it is visible at a snapshot. */
export interface StoredObject {
  readonly uid: string;
  /** As a person knows it: namespace/name, or the name alone. */
  readonly name: string;
  /** The hash that is stored beside the document. */
  readonly hash: string;
  readonly doc: Json;
}

/** An object whose document is not that of its hash. */
export interface AlteredObject {
  readonly uid: string;
  readonly name: string;
  readonly hash: string;
  /** The hash of the document that is there. */
  readonly actual: string;
}

/** Counts the stored objects of one kind and computes their digest anew from the documents themselves. */
export class KindTally {
  objects = 0;
  digest = 0n;
  /** Objects whose document does not have the hash that is stored beside it. */
  altered = 0;
  firstAltered: AlteredObject | null = null;

  add({ uid, name, hash, doc }: StoredObject): void {
    const actual = hashOf(doc);
    this.objects += 1;
    this.digest = addDigests(this.digest, digestTerm(uid, actual));
    if (actual === hash) return;
    this.altered += 1;
    this.firstAltered ??= { uid, name, hash, actual };
  }
}
