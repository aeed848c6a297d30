import { describe, expect, it } from "vitest";
import type { Check } from "../../../src/pipeline/proof/check.ts";
import {
  judgeOffsets,
  settledOffsets,
  type PartitionEvidence,
  type Position,
} from "../../../src/pipeline/proof/offsets.ts";
import type { Reader } from "../../../src/pipeline/proof/stranger.ts";

const ledger: Position = { partition: 0, first: 0n, next: 10n, stored: 9n, deadLettered: 1n, probes: 0n };
const letters = { rows: 1n, unreadable: 0n, different: [], orphaned: [] };
const reader: Reader = { group: "g", topic: "t", others: [] };
const whole: PartitionEvidence = {
  partition: 0,
  low: 0n,
  high: 10n,
  ledger,
  records: 10n,
  deadLetters: letters,
};

function judge(
  changes: Partial<PartitionEvidence>,
  needed: readonly (readonly [number, bigint])[] = [],
): [string, string] {
  const { status, detail } = judgeOffsets([{ ...whole, ...changes }], new Map(needed), reader);
  return [status, detail];
}
function at(changes: Partial<Position>): Partial<PartitionEvidence> {
  return { ledger: { ...ledger, ...changes } };
}

describe("the reconciliation of a partition", () => {
  it("is ok when the records are what was stored plus what was dead-lettered", () => {
    expect(judgeOffsets([whole], new Map(), reader)).toMatchObject({
      status: "ok",
      expected: "10 records",
      found: "9 stored + 1 dead-lettered",
    });
    expect(judge({})[1]).toBe("partition 0, offsets 0..9: 10 records = 9 stored + 1 dead-lettered");
  });

  it("tells offsets without a record, which control records and compaction leave", () => {
    expect(judge({ ...at({ stored: 6n }), records: 7n })).toEqual([
      "ok",
      "partition 0, offsets 0..9: 7 records = 6 stored + 1 dead-lettered; partition 0: 3 offsets hold no record",
    ]);
  });

  it("fails when a record was neither stored nor dead-lettered", () => {
    expect(judge(at({ stored: 8n }))).toEqual([
      "failed",
      "partition 0, offsets 0..9: 10 records lie there, but 8 stored + 1 dead-lettered: 1 lost",
    ]);
  });

  it("fails when more was stored than lies there", () => {
    expect(judge(at({ stored: 11n }))[1]).toContain("2 too many");
  });

  it("fails when the ledger is past the end of the topic", () => {
    expect(judge({ high: 9n })).toEqual([
      "failed",
      "partition 0: next_offset 10 is past the topic's end 9: was the topic made anew?",
    ]);
  });

  it("fails when the topic does not have a partition of the ledger", () => {
    expect(judge({ high: 0n, records: 0n })[0]).toBe("failed");
  });

  it("fails when the ledger begins after where it stands", () => {
    expect(judge(at({ first: 11n }))).toEqual([
      "failed",
      "partition 0: first_offset 11 is past next_offset 10",
    ]);
  });

  it("fails when retention removed what the group had not read", () => {
    expect(judge({ low: 13n, high: 20n, records: 0n })).toEqual([
      "failed",
      "partition 0: offsets 10..12 were removed by retention before the group had read them",
    ]);
  });

  it("says that a ledger which stands where it began has nothing to compare", () => {
    const empty = at({ next: 0n, stored: 0n, deadLettered: 0n });
    expect(judge({ ...empty, high: 0n, records: 0n, deadLetters: { ...letters, rows: 0n } })[0]).toBe("told");
  });
});

describe("a partition that retention has trimmed", () => {
  it("says what can no longer be counted instead of failing", () => {
    expect(judge({ low: 4n, records: 6n })).toEqual([
      "ok",
      "partition 0, offsets 0..9: 6 records = 9 stored + 1 dead-lettered; " +
        "partition 0, offsets 0..9: retention has removed offsets up to 3, which can no longer be counted",
    ]);
    expect(settledOffsets({ ...whole, low: 4n, records: 6n })).toMatchObject({ unchecked: 4n, gaps: null });
  });

  it("still fails when more is missing or too many than the removed offsets can explain", () => {
    expect(judge({ low: 4n, records: 6n, ...at({ stored: 10n }) })[1]).toContain("1 too many");
    expect(judge({ low: 4n, records: 6n, ...at({ stored: 4n }) })[1]).toContain("1 lost");
  });

  it("takes everything as removed when the topic is empty by now", () => {
    expect(judge({ low: 10n, high: 10n, records: 0n })[0]).toBe("ok");
  });
});

describe("dead letters", () => {
  it("fail the check when one is gone", () => {
    expect(judge({ deadLetters: { ...letters, rows: 0n } })).toEqual([
      "failed",
      expect.stringContaining("partition 0: 1 of 1 dead letters are gone"),
    ]);
  });

  it("fail the check when one is not the record that lies there", () => {
    expect(judge({ deadLetters: { ...letters, different: [7n] } })[1]).toContain(
      "partition 0: the dead letter of offset 7 is not what lies there",
    );
    const evidence = { ...whole, deadLetters: { ...letters, different: [7n], orphaned: [8n] } };
    expect(judgeOffsets([evidence], new Map(), { ...reader, group: "g'" }).remedy).toEqual({
      step: "replay",
      statement:
        `DELETE FROM clusterflow.dead_letters WHERE "group" = 'g''' AND topic = 't' ` +
        `AND partition = 0 AND "offset" IN (7, 8)`,
    });
  });

  it("fail the check when no record lies at an offset", () => {
    expect(judge({ deadLetters: { ...letters, orphaned: [3n] } })[1]).toContain(
      "no record lies at offset 3 of a dead letter",
    );
  });

  it("of an earlier pass over the same offsets are told", () => {
    expect(judge({ deadLetters: { ...letters, rows: 3n } })).toEqual([
      "ok",
      expect.stringContaining("2 dead letters are from an earlier pass"),
    ]);
  });

  it("whose records are gone are told as unreadable", () => {
    expect(judge({ low: 4n, records: 6n, deadLetters: { ...letters, unreadable: 1n } })).toEqual([
      "ok",
      expect.stringContaining("1 dead letters are older than what the topic still has"),
    ]);
  });
});

describe("lag", () => {
  it("is told when the snapshot in question lies before it", () => {
    expect(judge({ high: 14n }, [[0, 9n]])).toEqual([
      "ok",
      expect.stringContaining("partition 0: 4 offsets are not consumed yet"),
    ]);
    expect(settledOffsets({ ...whole, high: 14n }).lag).toBe(4n);
  });

  it("keeps the check pending when the snapshot in question reaches into it", () => {
    expect(judge({ high: 14n }, [[0, 10n]])[0]).toBe("pending");
    expect(judge({ high: 14n }, [[1, 12n]])[0]).toBe("ok");
  });

  it("is the whole partition while the group has not begun", () => {
    const unread = { ledger: null, records: 0n, deadLetters: { ...letters, rows: 0n } };
    const text = "partition 0: the group has not begun, 10 offsets wait";
    const beside = { ...whole, partition: 1, ledger: { ...ledger, partition: 1 } };
    const among = (needed: readonly (readonly [number, bigint])[]): Check =>
      judgeOffsets([{ ...whole, ...unread }, beside], new Map(needed), reader);
    expect(among([])).toMatchObject({ status: "ok", detail: expect.stringContaining(text) as string });
    expect(among([[0, 9n]]).status).toBe("pending");
    expect(judge(unread)).toEqual([
      "pending",
      `group "g" never stored anything of topic "t"; no group did; ${text}`,
    ]);
    expect(settledOffsets({ ...whole, ...unread })).toMatchObject({ lag: 10n, first: null, next: null });
    expect(judge({ ...unread, high: 0n })).toEqual(["told", "there is nothing to look at"]);
  });
});

it("tells the offsets that lie before the group's first one", () => {
  expect(judge({ ...at({ first: 4n, stored: 5n }), records: 6n })).toEqual([
    "ok",
    expect.stringContaining("offsets 0..3 lie before the group's first offset"),
  ]);
});

it("sums over all partitions", () => {
  const other = {
    ...whole,
    partition: 1,
    ledger: { ...ledger, partition: 1, stored: 10n, deadLettered: 0n },
  };
  const check = judgeOffsets([whole, { ...other, deadLetters: { ...letters, rows: 0n } }], new Map(), reader);
  expect(check).toMatchObject({ status: "ok", expected: "20 records", found: "19 stored + 1 dead-lettered" });
});
