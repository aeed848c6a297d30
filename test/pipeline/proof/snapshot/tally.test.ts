import { expect, it } from "vitest";
import { addDigests, digestTerm, hashOf } from "../../../../src/core/digest.ts";
import { KindTally } from "../../../../src/pipeline/proof/snapshot/tally.ts";
import { pod } from "../../../support/snapshot-rows.ts";

it("computes the digest from the documents, not from the hashes beside them", () => {
  const [a, b] = [pod("a"), pod("b")];
  const tally = new KindTally();
  tally.add({ uid: "uid-b", name: "shop/b", hash: hashOf(b), doc: b });
  tally.add({ uid: "uid-a", name: "shop/a", hash: "0", doc: a });
  expect(tally.digest).toBe(addDigests(digestTerm("uid-a", hashOf(a)), digestTerm("uid-b", hashOf(b))));
  expect(tally).toMatchObject({
    objects: 2,
    altered: 1,
    firstAltered: { uid: "uid-a", name: "shop/a", hash: "0", actual: hashOf(a) },
  });
});
