import { describe, expect, it } from "vitest";
import { ClusterflowError, exitStatusOf, toClusterflowError } from "../../src/core/errors.ts";
import { describeFailure, failureDocument } from "../../src/terminal/failure.ts";

const mistake = new ClusterflowError("KAFKA_BROKERS is not a host", {
  code: "usage",
  hint: "write host:port",
});

describe("a failure", () => {
  it("is one sentence and the next step, without a stack, when a person can mend it", () => {
    expect(describeFailure(mistake, { stack: false })).toBe(
      "error: KAFKA_BROKERS is not a host\n  next: write host:port",
    );
  });

  it("shows where it came from when it is a fault of ours", () => {
    const text = describeFailure(toClusterflowError(new TypeError("x is not a function")), { stack: false });
    expect(text).toContain("error: x is not a function");
    expect(text).toContain("failure.test.ts");
  });

  it("is one document for programs", () => {
    expect(failureDocument(mistake)).toEqual({
      ok: false,
      exit: 2,
      error: { code: "usage", message: mistake.message, suggestion: "write host:port", vendorCode: null },
    });
  });

  it.each([
    ["usage", 2],
    ["unreachable", 3],
    ["wrong", 4],
    ["partial", 5],
    ["refused", 6],
    ["timeout", 8],
    ["interrupted", 130],
    ["unexpected", 1],
  ] as const)("%s ends with status %i", (code, status) => {
    expect(exitStatusOf(new ClusterflowError("x", { code }))).toBe(status);
  });

  it("ends with 143 when SIGTERM interrupted it", () => {
    expect(exitStatusOf(new ClusterflowError("x", { code: "interrupted", vendorCode: "SIGTERM" }))).toBe(143);
  });
});
