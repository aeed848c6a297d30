import { expect, it } from "vitest";
import { Observed } from "../../src/pipeline/observed.ts";

it("forgets partitions that went to somebody else, and keeps what it knows of those that stayed", () => {
  const observed = new Observed("t", () => 0);
  observed.see({ kind: "joined", partitions: [0, 1] });
  for (const partition of [0, 1]) observed.see({ kind: "claimed", partition, next: 5n });
  observed.see({ kind: "ends", ends: new Map([[0, 8n], [1, 8n]]) }); // prettier-ignore
  observed.see({ kind: "joined", partitions: [1, 2] });
  expect([...observed.partitions.keys()]).toEqual([1, 2]);
  expect(observed.partitions.get(1)?.lagOffsets).toBe(3n);
  expect(observed.partitions.get(2)?.lagOffsets).toBeNull();
});

it("counts no partition as ours because of what is heard of it late", () => {
  const observed = new Observed("t", () => 0);
  observed.see({ kind: "stored", partition: 7, end: 3n, stored: 3, deadLettered: 0, newestAt: null, ms: 1 });
  observed.see({ kind: "ends", ends: new Map([[7, 9n]]) });
  expect(observed.partitions.size).toBe(0);
  expect(observed.stored).toBe(3);
});

it("ends a pause with the claim that came after it", () => {
  let now = 0;
  const observed = new Observed("t", () => now);
  observed.see({ kind: "joined", partitions: [0] });
  observed.see({ kind: "fenced", partition: 0 });
  now = 2_000;
  observed.see({ kind: "claimed", partition: 0, next: 0n });
  now = 9_000;
  expect([...(observed.partitions.get(0)?.heldMs(now) ?? [])]).toEqual([["fenced", 2_000]]);
});
