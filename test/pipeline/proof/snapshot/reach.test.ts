import { expect, it } from "vitest";
import { storedFact, type Marks, type ReachedTrace } from "../../../../src/pipeline/proof/snapshot/reach.ts";
import { applied, before, past, traced, unknown, unsealed } from "./make-traces.ts";

const marks: Marks = { lows: new Map([[0, 0n]]), highs: new Map([[0, 15n]]) };
const trimmed: Marks = { ...marks, lows: new Map([[0, 12n]]) };
const whole: ReachedTrace = { trace: traced(), stored: applied, reach: past };

function reachOf(changes: Partial<ReachedTrace>, within = marks): [string, string | null] {
  const { reach, why } = storedFact({ ...whole, ...changes }, within, "watched");
  return [reach, why];
}

it("is whole once every message was passed", () => {
  expect(reachOf({})).toEqual(["whole", null]);
  expect(storedFact(whole, marks, "asked")).toMatchObject({
    seal: "sealed",
    scope: "asked",
    stored: applied,
  });
});

it("waits while the last message is not passed, or nothing is", () => {
  expect(reachOf({ reach: before })[0]).toBe("waiting");
  expect(reachOf({ reach: { ...past, next: 14n } })[0]).toBe("waiting");
  expect(reachOf({ trace: traced({ last: 20n }) })[0]).toBe("waiting");
  expect(reachOf({ reach: { next: null, first: null, epoch: 0n, others: null } })[0]).toBe("waiting");
});

it("is cut when the group was put past its beginning", () => {
  expect(reachOf({ reach: { ...past, first: 11n } })).toEqual(["cut", expect.stringContaining("offset 11")]);
  expect(reachOf({ reach: { ...past, first: 10n } })[0]).toBe("whole");
});

it("is cut when the topic does not hold it whole, for whatever reason", () => {
  expect(reachOf({ trace: traced({}, [3, 4]) }, trimmed)).toEqual([
    "cut",
    "retention has removed its first parts",
  ]);
  expect(reachOf({ trace: traced({}, [1, 3, 4]) })).toEqual(["cut", "the topic does not hold it whole"]);
});

it("names a message that is a dead letter", () => {
  expect(reachOf({ trace: traced({ refusedAt: 12n }) })).toEqual([
    "whole",
    expect.stringContaining("offset 12"),
  ]);
});

it("leaves the question for an unsealed one to the topic, and knows when its seal may be elsewhere", () => {
  const open = { trace: unsealed(), stored: unknown };
  expect(storedFact({ ...whole, ...open }, marks, "asked")).toMatchObject({
    seal: "unsealed",
    scope: "watched",
  });
  expect(reachOf(open)[0]).toBe("whole");
  expect(reachOf({ ...open, reach: { ...past, next: 16n } })[0]).toBe("waiting");
  expect(reachOf({ ...open, trace: unsealed({}, [2]) }, trimmed)[0]).toBe("cut");
  expect(reachOf({ ...open, trace: unsealed({}, [2]) })[0]).toBe("whole");
  expect(reachOf({ ...open, trace: unsealed({}, [1, 2]) }, trimmed)[0]).toBe("whole");
});
