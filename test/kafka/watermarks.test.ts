import { describe, expect, it } from "vitest";
import { positionFault } from "../../src/kafka/watermarks.ts";

const marks = { partition: 1, low: 100n, high: 200n };
const fault = (next: bigint): ReturnType<typeof positionFault> =>
  positionFault("g", { topic: "t", partition: 1, next, epoch: 1n }, marks);

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
});
