import { expect, it } from "vitest";
import { describePlan, describeStatus } from "../../src/terminal/cutover.ts";

it("a plan says that nothing is done, then what each step would do", () => {
  const plan = {
    stream: "s",
    state: "dual",
    steps: [{ step: "backfill", will: ["send"] }],
    remarks: ["slow"],
  };
  expect(describePlan(plan)).toBe(
    "cut-over of s is dual; nothing is done now\n\nbackfill:\n  - send\n\nworth knowing:\n  - slow",
  );
});

it("a status says what waits, what is wrong, and what to type next", () => {
  const status = {
    ...{
      stream: "s",
      state: "topic-primary" as const,
      since: "2026-01-31T10:00:00.000Z",
      table: "a.b",
      topic: "t",
    },
    ...{ waiting: 3n, backfilled: 4n, changes: "UPDATE of 2 rows", refilled: 5n, leftOver: 6n },
    ...{ keptAs: "a.b_before_cutover", keptUntil: "2026-02-07T10:00:00.000Z", next: null },
  };
  expect(describeStatus(status).split("\n")).toEqual([
    "cut-over of s is topic-primary since 2026-01-31T10:00:00.000Z",
    "  table      a.b, kept as a.b_before_cutover",
    "  topic      t",
    "  outbox     3 rows wait",
    "  history    4 rows sent",
    "  changed    UPDATE of 2 rows: verify will not pass",
    "  came back  5 events of the topic",
    "  left over  6: SELECT * FROM clusterflow_cutover.left_over",
    "  kept       until 2026-02-07T10:00:00.000Z at least",
  ]);
});
