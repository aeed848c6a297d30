import { addDigests, digestTerm, hashOf } from "../../../core/digest.ts";
import type { Json } from "../../../core/json.ts";

/** One stored object as it is visible at a snapshot. */
export interface StoredObject {
  readonly uid: string;
  /** The hash that is stored beside the document. */
  readonly hash: string;
  readonly doc: Json;
}

/** Counts the stored objects of one kind and computes their digest anew from the documents themselves. */
export class KindTally {
  objects = 0;
  digest = 0n;
  /** Objects whose document does not have the hash that is stored beside it. */
  altered = 0;
  /** uid of the first of them. */
  firstAltered: string | null = null;

  add({ uid, hash, doc }: StoredObject): void {
    const actual = hashOf(doc);
    this.objects += 1;
    this.digest = addDigests(this.digest, digestTerm(uid, actual));
    if (actual === hash) return;
    this.altered += 1;
    this.firstAltered ??= uid;
  }
}
