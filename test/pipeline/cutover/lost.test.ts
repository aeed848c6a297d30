import { describe, expect, it } from "vitest";
import { goneFrom, goneSentence, isAnotherTopic } from "../../../src/pipeline/cutover/lost.ts";

const from = (...offsets: readonly bigint[]) =>
  new Map(offsets.map((offset, partition) => [partition, offset]));
const held = (partition: number, low: bigint, high: bigint) => ({ partition, low, high });

describe("what the way back would lack", () => {
  it("is nothing while the topic begins at or before the position", () => {
    const position = { topicId: "a", from: from(5n, 0n) };
    expect(goneFrom(position, [held(0, 5n, 9n), held(1, 0n, 0n)], "a")).toEqual([]);
  });

  it("is what lies between the position and where the topic begins now", () => {
    const gone = goneFrom({ topicId: null, from: from(5n, 7n) }, [held(0, 8n, 9n), held(1, 9n, 9n)], null);
    expect(gone).toEqual([
      { partition: 0, first: 5n, last: 7n },
      { partition: 1, first: 7n, last: 8n },
    ]);
    expect(goneSentence(gone)).toBe(
      "5 messages: partition 0 offsets 5 to 7 (3), partition 1 offsets 7 to 8 (2)",
    );
    expect(goneSentence(gone.slice(0, 1).map((one) => ({ ...one, last: 5n })))).toBe(
      "1 message: partition 0 offsets 5 to 5 (1)",
    );
  });

  it("is nobody knows what where the topic was made anew, by its id or because it is too short", () => {
    const position = { topicId: "a", from: from(5n) };
    expect(isAnotherTopic(position, [held(0, 0n, 50n)], "b")).toBe(true);
    expect(isAnotherTopic({ ...position, topicId: null }, [held(0, 0n, 4n)], "b")).toBe(true);
    expect(isAnotherTopic(position, [held(0, 0n, 50n)], "a")).toBe(false);
    expect(goneSentence(goneFrom(position, [held(0, 0n, 50n)], "b"))).toBe(
      "the topic was deleted and made anew, and nobody knows how much: partition 0 from offset 5 on",
    );
  });

  it("is all of a partition that is not there any more", () => {
    expect(goneFrom({ topicId: "a", from: from(0n, 3n) }, [held(0, 0n, 1n)], "a")).toEqual([
      { partition: 1, first: 3n, last: null },
    ]);
  });
});
