import { describe, expect, it } from "vitest";
import { shown, withoutUserinfo } from "../../src/config/mask.ts";

describe("shown", () => {
  it("quotes, makes control characters visible and cuts", () => {
    expect(shown("a\u001b[31m")).toBe('"a\\u001b[31m"');
    expect(shown("x".repeat(500))).toHaveLength(80);
  });

  it("leaves out what stands before an @ of an address", () => {
    expect(shown("postgres://u:p@ss@h/db")).toBe('"postgres://***@h/db"');
    expect(shown("u:p@h")).toBe('"***@h"');
    expect(withoutUserinfo("no address")).toBe("no address");
  });
});
