import { describe, expect, it } from "vitest";
import { judgeUntouched, type SealedEvidence } from "../../../../src/pipeline/proof/snapshot/untouched.ts";
import { applied, before, past, row, traced, unknown } from "./make-traces.ts";

const good: SealedEvidence = { trace: traced(), stored: applied, reach: past };

function judge(changes: Partial<SealedEvidence>): [string, string] {
  const { status, detail } = judgeUntouched([{ ...good, ...changes }]);
  return [status, detail];
}
const writtenAt = (ms: number): Partial<SealedEvidence> => ({
  stored: { ...applied, row: { ...row, writtenAt: ms } },
});

describe("a snapshot that was consumed", () => {
  it("is ok when it was written by the consumer after its seal lay in the topic", () => {
    expect(judge({})).toEqual([
      "ok",
      "snapshot s-1: written after its seal at offset 14, ledger at 15 (clocks compared to 1 s)",
    ]);
    expect(judgeUntouched([good]).found).toBe("transport kafka");
  });

  it("fails when the collector wrote it itself", () => {
    const stored = { ...applied, row: { ...row, transport: "direct" } };
    expect(judge({ stored })).toEqual([
      "failed",
      "snapshot s-1 was written by transport direct, not by the consumer",
    ]);
    expect(judgeUntouched([{ ...good, stored }]).found).toBe("transport direct");
  });

  it("fails when it was written before its seal, by more than clocks may differ", () => {
    expect(judge(writtenAt(999_000))[0]).toBe("ok");
    expect(judge(writtenAt(998_999))).toEqual([
      "failed",
      "snapshot s-1 was written 1001 ms before its seal lay in the topic, or the clocks of the two differ",
    ]);
  });

  it("cannot be dated when the producer gave no time", () => {
    const seal = { ...traced().seal, timestamp: -1 };
    expect(judge({ ...writtenAt(0), trace: traced({ seal }) })[0]).toBe("ok");
  });

  it("is another check's matter when there is no row of it", () => {
    expect(judge({ stored: unknown })[0]).toBe("told");
  });

  it("counts as consumed from its seal on, though messages of it come again", () => {
    expect(judge({ trace: traced({ last: 30n }) })[0]).toBe("ok");
  });
});

describe("a snapshot that was not consumed", () => {
  it("is ok when the database has nothing of it", () => {
    expect(judge({ stored: unknown, reach: before })).toEqual([
      "ok",
      "snapshot s-1 is not consumed and not in the database",
    ]);
    expect(judgeUntouched([{ ...good, stored: unknown, reach: before }]).found).toBe("no row");
  });

  it("fails when the database has it all the same", () => {
    expect(judge({ reach: before })).toEqual([
      "failed",
      "snapshot s-1 is in the database although no consumer has come to its seal at offset 14",
    ]);
    expect(judge({ reach: { next: null, first: null, epoch: 0n, others: null } })[0]).toBe("failed");
    expect(judge({ reach: { ...before, others: 14n } })[0]).toBe("failed");
    expect(judge({ reach: { ...before, next: 14n } })[0]).toBe("failed");
  });

  it("fails when the collector wrote it, wherever the group stood once", () => {
    const stored = { ...applied, row: { ...row, transport: "direct" } };
    expect(judge({ stored, reach: { ...before, epoch: 2n } })[0]).toBe("failed");
  });

  it("is told when another group of the same topic has stored it", () => {
    expect(judge({ reach: { ...before, others: 15n } })).toEqual([
      "told",
      "snapshot s-1 was stored by another group",
    ]);
  });

  it("is told when the group was put back before it", () => {
    expect(judge({ reach: { ...before, epoch: 2n } })).toEqual([
      "told",
      "snapshot s-1 was stored before the group was put back to offset 10",
    ]);
  });
});

it("looks at every snapshot", () => {
  const second = { ...good, stored: { ...applied, row: { ...row, transport: "direct" } } };
  expect(judgeUntouched([good, second]).status).toBe("failed");
  expect(judgeUntouched([good, second]).found).toBe("transport direct");
  expect(judgeUntouched([]).status).toBe("told");
});
