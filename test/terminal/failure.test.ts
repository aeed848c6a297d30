import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClusterflowError, exitStatusOf, toClusterflowError } from "../../src/core/errors.ts";
import { failureDocument, tellFailure } from "../../src/terminal/failure.ts";

const mistake = new ClusterflowError("KAFKA_BROKERS is not a host", {
  code: "usage",
  hint: "write host:port",
});

let said = "";

beforeEach(() => {
  said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a failure", () => {
  it("is one sentence and the next step, without a stack, when a person can mend it", () => {
    tellFailure(mistake, { stack: false });
    expect(said).toBe("error: KAFKA_BROKERS is not a host\n  next: write host:port\n");
  });

  it("shows where it came from when it is a fault of ours", () => {
    tellFailure(toClusterflowError(new TypeError("x is not a function")), { stack: false });
    expect(said).toContain("error: x is not a function");
    expect(said).toContain("failure.test.ts");
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
