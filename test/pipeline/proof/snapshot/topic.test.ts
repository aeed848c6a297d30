import { describe, expect, it } from "vitest";
import {
  judgeTopic,
  wholenessOf,
  type TopicEvidence,
} from "../../../../src/pipeline/proof/snapshot/topic.ts";
import type { Scope } from "../../../../src/pipeline/proof/snapshot/scope.ts";
import { traced, unsealed } from "./make-traces.ts";

const evidence: TopicEvidence = {
  topic: "t",
  lows: new Map([
    [0, 0n],
    [1, 0n],
  ]),
  traces: [traced()],
  refused: 0,
  firstRefused: null,
};
const trimmed = new Map([[0, 12n]]);

function judge(
  changes: Partial<TopicEvidence>,
  chosen: readonly string[] = ["s-1"],
  scope: Scope = "asked",
): [string, string] {
  const { status, detail } = judgeTopic({ ...evidence, ...changes }, new Set(chosen), () => scope);
  return [status, detail];
}

describe("a sealed snapshot", () => {
  it("is ok when it is whole, with its place", () => {
    expect(judge({})).toEqual(["ok", "snapshot s-1 is in partition 0, offsets 10..14, 5 messages"]);
    expect(judgeTopic(evidence, new Set(), () => "watched")).toMatchObject({
      expected: "1 sealed",
      found: "1 whole",
    });
  });

  it("fails when a part is missing, and names it", () => {
    const traces = [traced({}, [1, 2, 4])];
    expect(judge({ traces })).toEqual(["failed", "snapshot s-1 has 3 of 4 parts; missing: 3"]);
    expect(judgeTopic({ ...evidence, traces }, new Set(), () => "watched")).toMatchObject({
      expected: "4 parts",
      found: "3 parts",
    });
  });

  it.each(["outlived", "aside"] as const)("is told when it is torn, and %s", (scope) => {
    expect(judge({ traces: [traced({}, [1, 2, 4])] }, [], scope)).toEqual([
      "told",
      "snapshot s-1 has 3 of 4 parts; missing: 3",
    ]);
  });

  it("says where its refused message lies", () => {
    expect(judge({ traces: [traced({ refusedAt: 12n }, [1, 2, 4])] })[1]).toContain(
      "its message at partition 0, offset 12 is refused",
    );
  });

  it("fails when it lies in two partitions", () => {
    expect(judge({ traces: [traced({ strays: new Set([1]) })] })).toEqual([
      "failed",
      expect.stringContaining("snapshot s-1 lies in partitions 0 and 1"),
    ]);
  });

  it("stays ok when messages came twice, and tells how many", () => {
    expect(judge({ traces: [traced({ repeated: 2 })] })).toEqual([
      "ok",
      expect.stringContaining("2 messages of snapshot s-1 came twice"),
    ]);
  });
});

describe("retention", () => {
  it("that removed a snapshot's first parts is told and no failure", () => {
    expect(judge({ lows: trimmed, traces: [traced({}, [3, 4]), traced({ snapshot: "s-3" })] })).toEqual([
      "ok",
      expect.stringContaining("retention has removed the first 2 parts of snapshot s-1"),
    ]);
  });

  it("is no excuse for a part that is missing in the middle, nor where nothing was removed", () => {
    expect(judge({ lows: trimmed, traces: [traced({}, [1, 3, 4])] })[0]).toBe("failed");
    expect(judge({ traces: [traced({}, [3, 4])] })[0]).toBe("failed");
    expect(wholenessOf(traced({ partition: 1 }, [3, 4]), trimmed)).toBe("torn");
  });

  it("that removed everything is told apart from a topic that never had anything", () => {
    expect(judge({ lows: trimmed, traces: [] }, [])).toEqual([
      "pending",
      expect.stringContaining("holds no snapshot any more"),
    ]);
    expect(judge({ traces: [] }, [])).toEqual([
      "pending",
      'no snapshot was ever collected into topic "t": there is nothing to prove yet',
    ]);
    expect(judge({ traces: [], refused: 3 }, [])).toEqual([
      "failed",
      'no snapshot was ever collected into topic "t"',
    ]);
  });
});

describe("a snapshot without its seal", () => {
  it("is told", () => {
    expect(judge({ traces: [traced(), unsealed()] })).toEqual([
      "ok",
      expect.stringContaining("snapshot s-2 is not sealed: 2 messages that are never applied"),
    ]);
  });

  it("that was given up is told with its reason", () => {
    expect(judge({ traces: [traced(), unsealed({ aborted: "interrupted" })] })[1]).toContain(
      "given up (interrupted)",
    );
  });

  it("is pending when it is the one in question", () => {
    expect(judge({ traces: [unsealed()] }, ["s-2"])).toEqual([
      "pending",
      "snapshot s-2 is in partition 0, offsets 10..11, 2 messages, and its seal is not there yet",
    ]);
  });

  it("fails when it was given up and there is no other", () => {
    expect(judge({ traces: [unsealed({ aborted: "interrupted" })] }, [])).toEqual([
      "failed",
      expect.stringContaining(
        'no snapshot was ever collected into topic "t"; the last one was given up: interrupted',
      ),
    ]);
  });

  it("that was given up and is asked for is told", () => {
    expect(judge({ traces: [traced(), unsealed({ aborted: "interrupted" })] }, ["s-2"])[1]).toContain(
      "snapshot s-2 was given up: interrupted",
    );
  });
});

it("fails when the snapshot in question is not there", () => {
  expect(judge({}, ["s-9"])).toEqual(["failed", expect.stringContaining("snapshot s-9 is not in topic t")]);
  expect(judge({ lows: trimmed }, ["s-9"])[1]).toContain("or not any more");
});

it("tells how many records are refused, and why the first is", () => {
  const firstRefused = { partition: 1, offset: 3n, reason: "the value is empty" };
  expect(judge({ refused: 2, firstRefused })).toEqual([
    "ok",
    expect.stringContaining("2 records are refused; the first at partition 1, offset 3: the value is empty"),
  ]);
});
