import { describe, expect, it } from "vitest";
import { positionFault } from "../../src/kafka/watermarks.ts";

const marks = { partition: 1, low: 100n, high: 200n, topicId: "a" as string | null };
const fault = (next: bigint): ReturnType<typeof positionFault> =>
  positionFault("g", { topic: "t", partition: 1, next, epoch: 1n, topicId: "a" }, marks);

describe("positionFault", () => {
  it("finds nothing wrong from the first offset to the one behind the last", () => {
    expect([100n, 150n, 200n].map(fault)).toEqual([null, null, null]);
  });

  it("names exactly the offsets that are lost", () => {
    expect(fault(97n)).toMatchObject({
      code: "wrong",
      message:
        'lost: Kafka no longer has offsets 97 to 99 (3) of partition 1 of topic "t"; they were deleted before group "g" had stored them',
      hint: "with the same flags: clusterflow consume --from earliest",
    });
  });

  it("does not go on behind the topic's end", () => {
    expect(fault(201n)?.message).toBe(
      'group "g" has stored partition 1 of topic "t" up to offset 201, but the topic ends at 200: it was created anew, or cut off',
    );
  });

  it("does not take a topic that was created anew for the one before, however far it has grown", () => {
    const claim = { topic: "t", partition: 1, next: 150n, epoch: 1n, topicId: "b" };
    expect(positionFault("g", claim, marks)).toMatchObject({
      code: "wrong",
      message:
        'group "g" has stored partition 1 of topic "t" up to offset 150, but this is another topic of that name: it was deleted and created anew',
    });
    expect(positionFault("g", { ...claim, topicId: null }, marks)).toBeNull();
    expect(positionFault("g", claim, { ...marks, topicId: null })).toBeNull();
  });
});
