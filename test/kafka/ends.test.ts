import { describe, expect, it } from "vitest";
import type { Report } from "../../src/core/report.ts";
import { Ends } from "../../src/kafka/ends.ts";

const ENDS = new Map([
  [0, 10n],
  [1, 20n],
]);

function harness(positions: ReadonlyMap<number, bigint>): {
  ends: Ends;
  told: Report[];
  asked: () => number;
} {
  const told: Report[] = [];
  let asked = 0;
  const ledger = {
    claim: () => Promise.resolve([]),
    positionsOf: () => {
      asked += 1;
      return Promise.resolve(positions);
    },
  };
  const ends = new Ends(ENDS, { topic: "t", group: "g", ledger, tell: (report) => void told.push(report) });
  return { ends, told, asked: () => asked };
}

const member = (partitions: readonly number[], isDone = true) => ({
  has: (partition: number) => partitions.includes(partition),
  hasReached: () => isDone,
});

describe("Ends", () => {
  it("are reached by a member that has everything, without asking the ledger", async () => {
    const { ends, asked } = harness(new Map());
    expect(await ends.areReached(member([0, 1]))).toBe(true);
    expect(await ends.areReached(member([0, 1], false))).toBe(false);
    expect(asked()).toBe(0);
  });

  it("are not reached while a partition of another member is behind, or was never claimed; told once", async () => {
    for (const behind of [new Map([[1, 19n]]), new Map<number, bigint>()]) {
      const { ends, told } = harness(behind);
      expect(await ends.areReached(member([0]))).toBe(false);
      expect(await ends.areReached(member([0]))).toBe(false);
      expect(told).toEqual([
        {
          kind: "notice",
          text: 'all is read here; waiting for the other members of group "g", which have partition 1 of "t"',
        },
      ]);
    }
  });

  it("are reached when the others have come as far", async () => {
    const { ends, told } = harness(new Map([...ENDS]));
    expect(await ends.areReached(member([]))).toBe(true);
    expect(told).toEqual([]);
  });
});
