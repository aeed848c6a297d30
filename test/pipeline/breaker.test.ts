import { describe, expect, it } from "vitest";
import { Breaker } from "../../src/pipeline/breaker.ts";
import type { Rejected } from "../../src/pipeline/judge.ts";
import type { RawRecord } from "../../src/pipeline/ports.ts";

function record(offset: number): RawRecord {
  return {
    topic: "t",
    partition: 0,
    offset: BigInt(offset),
    timestamp: -1,
    key: null,
    value: null,
    headers: [],
  };
}

/** `x` is a record that the stream refused, `.` one that it accepted. */
function batchOf(fates: string): { records: RawRecord[]; rejected: Rejected[] } {
  const records = Array.from(fates, (_, offset) => record(offset));
  const rejected = records
    .filter((_, offset) => fates[offset] === "x")
    .map((one): Rejected => ({ record: one, stage: "decode", sqlstate: null, reason: "no JSON" }));
  return { records, rejected };
}

function down(breaker: Breaker, fates: string): void {
  const { records, rejected } = batchOf(fates);
  breaker.noteDown(records, rejected);
}

function refused(breaker: Breaker, count: number): void {
  for (let n = 0; n < count; n += 1) {
    const one = record(n);
    breaker.noteDown([one], [{ record: one, stage: "write", sqlstate: "23502", reason: "null value" }]);
  }
}

function roomFor(breaker: Breaker, fates: string): number {
  const { records, rejected } = batchOf(fates);
  return breaker.roomFor(records, rejected);
}

describe("records that the stream refuses", () => {
  it.each([
    ["", "xxx..xxx.x", 10],
    ["", "xxxx", 3],
    ["", ".xxxx.", 4],
    ["xx", "xx.", 1],
    ["xx", ".xxx", 4],
    ["xx.", "xxx", 3],
    ["xxx", "x", 0],
    ["xxx", ".x", 2],
  ])("after %j of %j there is room for the first %i", (before, fates, room) => {
    const breaker = new Breaker(3);
    down(breaker, before);
    expect(roomFor(breaker, fates)).toBe(room);
  });

  it("are not many in a row because PostgreSQL refuses others", () => {
    const breaker = new Breaker(3);
    down(breaker, "xxx");
    refused(breaker, 1);
    expect(roomFor(breaker, "xxx")).toBe(3);
    expect(breaker.isOpen).toBe(false);
  });
});

describe("records that PostgreSQL refuses", () => {
  it("open it when so many in a row were, and one that is stored closes it", () => {
    const breaker = new Breaker(3);
    refused(breaker, 2);
    expect(breaker.isOpen).toBe(false);
    refused(breaker, 1);
    expect(breaker.isOpen).toBe(true);
    down(breaker, "x");
    expect(breaker.isOpen).toBe(true);
    down(breaker, "x.x");
    expect(breaker.isOpen).toBe(false);
  });

  it("are not many in a row when batches without a record lie between", () => {
    const breaker = new Breaker(1);
    refused(breaker, 1);
    down(breaker, "");
    expect(breaker.isOpen).toBe(true);
  });
});

it("never opens with a limit of 0", () => {
  const breaker = new Breaker(0);
  refused(breaker, 1000);
  down(breaker, "x".repeat(1000));
  expect(breaker.isOpen).toBe(false);
  expect(roomFor(breaker, "xxx")).toBe(3);
});

it("says what would help, and what was refused last", () => {
  const breaker = new Breaker(2);
  down(breaker, "xx");
  expect(breaker.undecodable("orders")).toMatchObject({
    code: "wrong",
    retryable: false,
    message: '2 records in a row of topic "orders" cannot be read, the last one: no JSON',
    hint: expect.stringMatching(/clusterflow\.dead_letters.*clusterflow consume --max-poison 0/) as string,
  });
  refused(breaker, 2);
  expect(breaker.unstorable("PostgreSQL here", "null value", "23502")).toMatchObject({
    code: "wrong",
    retryable: true,
    vendorCode: "23502",
    message: "PostgreSQL here: it refused 2 records in a row, and refuses the next one: null value",
    hint: expect.stringMatching(/clusterflow\.dead_letters.*clusterflow consume --max-poison 0/) as string,
  });
});
