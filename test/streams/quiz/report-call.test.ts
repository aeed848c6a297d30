import { describe, expect, it } from "vitest";
import { callReport } from "../../../src/streams/quiz/report-call.ts";
import { REPORTS } from "../../../src/streams/quiz/reports.ts";

const named = (name: string) => REPORTS.find((report) => report.name === name)!;
const participants = named("active-participants");

describe("the call of a report", () => {
  it("binds every value and takes the usual ones for those that nobody gave", () => {
    expect(callReport(participants, { session_id: "s'; DROP TABLE users" })).toEqual({
      kind: "statement",
      text:
        "SELECT quiz_reports.active_participants(p_session_id => $1::text, p_time_range => $2::text::interval, " +
        "p_page => $3::text::integer, p_page_size => $4::text::integer, " +
        "p_as_of => coalesce($5::text::timestamptz, now())) AS report",
      parameters: ["s'; DROP TABLE users", "60m", "1", "50", null],
    });
  });

  it("finds a UUID in either case", () => {
    const id = "900E8400-E29B-41D4-A716-446655440000";
    expect(callReport(named("quiz-summary"), { quiz_id: id })).toMatchObject({
      parameters: [id.toLowerCase()],
    });
  });

  it.each([
    [{}, "session_id"],
    [{ session_id: "" }, "session_id"],
    [{ session_id: "a\0b" }, "session_id"],
    [{ session_id: "x".repeat(201) }, "session_id"],
    [{ session_id: "s", time_range: "60" }, "time_range"],
    [{ session_id: "s", time_range: "1 year" }, "time_range"],
    [{ session_id: "s", page: "0" }, "page"],
    [{ session_id: "s", page: "1e3" }, "page"],
    [{ session_id: "s", page_size: "1001" }, "page_size"],
    [{ session_id: "s", as_of: "yesterday" }, "as_of"],
  ])("is refused with the name of the parameter: %j", (asked, field) => {
    expect(callReport(participants, asked)).toMatchObject({ kind: "fault", field });
  });
});

it("has the twenty-two reports, each under a name of its own", () => {
  expect(new Set(REPORTS.map(({ name }) => name)).size).toBe(22);
});
