import { describe, expect, it } from "vitest";
import { changeSomething, startChurn } from "../../../../src/local/cluster/simulation/churn.ts";
import { Store } from "../../../../src/local/cluster/store/store.ts";
import { synthesize } from "../../../../src/local/cluster/synthetic/cluster.ts";
import { Dice } from "../../../../src/local/cluster/synthetic/dice.ts";

function textOf(store: Store): string {
  const entries = ["pods", "deployments"].flatMap((resource) => {
    return [...store.collection(resource)!.scan({ from: "", to: null }, store.revision)].map(({ read }) =>
      read(),
    );
  });
  return JSON.stringify(entries);
}

describe("a cluster that lives", () => {
  it("lives the same life again for the same seed", () => {
    const lives = [1, 1, 2].map((seed) => {
      const store = new Store(synthesize(200, 1));
      for (let change = 0; change < 500; change += 1) changeSomething(store, new Dice(seed));
      return textOf(store);
    });
    expect(lives[1]).toBe(lives[0]);
    expect(lives[2]).not.toBe(lives[0]);
  });

  it("replaces pods without losing any", () => {
    const store = new Store(synthesize(200, 1));
    const pods = store.collection("pods")!;
    const everything = { from: "", to: null };
    const before = [...pods.scan(everything, store.revision)].map(({ key }) => key);
    for (let change = 0; change < 500; change += 1) changeSomething(store, new Dice(1));
    const after = [...pods.scan(everything, store.revision)].map(({ key }) => key);
    expect(after.length).toBe(before.length);
    expect(after.filter((key) => !before.includes(key)).length).toBeGreaterThan(5);
    expect(pods.count(everything, store.revision)).toBe(after.length);
  });

  it("changes while it runs, and stands still afterwards", async () => {
    const store = new Store(synthesize(100, 1));
    const first = store.revision;
    const churn = startChurn(store, 1, 1000);
    await expect.poll(() => store.revision).toBeGreaterThan(first + 20);
    churn[Symbol.dispose]();
    const { revision } = store;
    await new Promise((resolve) => setTimeout(resolve, 120)); // two more ticks would have come
    expect(store.revision).toBe(revision);
  });
});
