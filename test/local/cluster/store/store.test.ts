import { describe, expect, it } from "vitest";
import { Collection } from "../../../../src/local/cluster/store/collection.ts";
import { Store } from "../../../../src/local/cluster/store/store.ts";
import { synthesize } from "../../../../src/local/cluster/synthetic/cluster.ts";

describe("the store", () => {
  it("forgets old changes by itself, so that a cluster that lives long does not grow without end", () => {
    const store = new Store(synthesize(60, 1));
    const first = store.revision;
    for (let change = 0; change < 40_000; change += 1) {
      store.change("pods", `shop/p-${change % 50}`, (revision) =>
        change % 100 < 50 ? { metadata: { revision } } : null,
      );
    }
    expect(store.compacted).toBeGreaterThan(first);
    expect(store.revision - store.compacted).toBeLessThan(20_000);
    expect(store.collection("pods")?.read("shop/p-49", store.revision)).toBeNull();
  });
});

describe("a collection", () => {
  const { families } = synthesize(200, 1);

  it("loses nothing of the present when it forgets the past", () => {
    const pods = new Collection(families.get("pods")!);
    const everything = { from: "", to: null };
    const [gone, changed] = [...pods.scan(everything, 1)];
    pods.write(gone!.key, 2, null);
    pods.write(changed!.key, 3, { metadata: { name: "second" } });
    pods.write(changed!.key, 5, { metadata: { name: "third" } });
    pods.write("new/one", 4, { metadata: { name: "new" } });
    pods.write("new/two", 4, { metadata: { name: "short-lived" } });
    pods.write("new/two", 6, null);
    const present = [...pods.scan(everything, 6)].map(({ key, read }) => [key, read()]);
    pods.forgetBefore(6);
    expect([...pods.scan(everything, 6)].map(({ key, read }) => [key, read()])).toEqual(present);
    expect(pods.count(everything, 6)).toBe(present.length);
    expect(pods.read(gone!.key, 6)).toBeNull();
    expect(pods.read("new/one", 6)).toEqual({ metadata: { name: "new" } });
  });

  it("finds an object that was created again under the name of one that was deleted", () => {
    const pods = new Collection(families.get("pods")!);
    const [first] = [...pods.scan({ from: "", to: null }, 1)];
    pods.write(first!.key, 2, null);
    pods.write(first!.key, 4, { metadata: { name: "again" } });
    expect(pods.read(first!.key, 1)).toEqual(first!.read());
    expect(pods.read(first!.key, 3)).toBeNull();
    expect(pods.read(first!.key, 4)).toEqual({ metadata: { name: "again" } });
  });
});
