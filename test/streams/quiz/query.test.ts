import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import { callQuery } from "../../../src/streams/quiz/query.ts";
import { DIMENSIONS, MEASURES } from "../../../src/streams/quiz/query-terms.ts";

describe("the statement of a query", () => {
  it("has no letter of what a client wrote but names of the lists, whatever it is", () => {
    const evil = "x') UNION SELECT email, password FROM users --";
    const call = callQuery({
      measures: ["accuracy"],
      dimensions: ["student_name"],
      filters: { student_name: evil, answer: [evil, "A"] },
      time_range: { start: "2026-01-31T10:00:00Z" },
      limit: 5,
    });
    if (call.kind === "fault") throw new Error(call.reason);
    expect(call.text).not.toContain("UNION");
    expect(call.parameters).toEqual([evil, evil, "A", "2026-01-31T10:00:00Z", "5"]);
  });

  it("knows twenty measures and twenty dimensions", () => {
    expect([Object.keys(MEASURES).length, Object.keys(DIMENSIONS).length]).toEqual([20, 20]);
  });
});

const accuracy = { measures: ["accuracy"] };
it.each<[Json, string]>([
  [[], "query"],
  [{}, "measures"],
  [{ measures: "accuracy" }, "measures"],
  [{ measures: ["count(*)"] }, "measures"],
  [{ measures: ["constructor"] }, "measures"],
  [{ measures: ["accuracy", "accuracy"] }, "measures"],
  [{ ...accuracy, dimensions: ["password"] }, "dimensions"],
  [{ ...accuracy, filters: { "1=1 OR student_id": "x" } }, "filters"],
  [{ ...accuracy, filters: { toString: "x" } }, "filters"],
  [{ ...accuracy, filters: [] }, "filters"],
  [{ ...accuracy, filters: { student_id: { $ne: 1 } } }, "filters.student_id"],
  [{ ...accuracy, filters: { student_id: [] } }, "filters.student_id"],
  [{ ...accuracy, filters: { student_id: "a\0" } }, "filters.student_id"],
  [{ ...accuracy, filters: { hour_of_day: "7; DROP TABLE users" } }, "filters.hour_of_day"],
  [{ ...accuracy, filters: { is_late: "true" } }, "filters.is_late"],
  [{ ...accuracy, time_range: { start: "yesterday" } }, "time_range.start"],
  [{ ...accuracy, limit: 1001 }, "limit"],
  [{ ...accuracy, limit: "1; DROP TABLE users" }, "limit"],
  [{ ...accuracy, order_by: [{ field: "accuracy; DROP TABLE users", order: "asc" }] }, "order_by"],
  [{ ...accuracy, order_by: [{ field: "accuracy", order: "asc; DROP TABLE users" }] }, "order_by"],
  [{ ...accuracy, order_by: [{ field: "total_answers" }] }, "order_by"],
  [{ ...accuracy, order_by: ["accuracy"] }, "order_by"],
])("refuses %j and names the field", (asked, field) => {
  expect(callQuery(asked)).toMatchObject({ kind: "fault", field });
});
