import { describe, expect, it } from "vitest";
import { ClusterflowError } from "../../src/core/errors.ts";
import { withDataDir } from "../../src/local/data-dir-flag.ts";

function hintOf(hint: string, dataDir: string | null): string | null {
  const error = withDataDir(new ClusterflowError("m", { code: "timeout", hint, vendorCode: "v" }), dataDir);
  expect(error).toMatchObject({ message: "m", code: "timeout", vendorCode: "v" });
  return (error as ClusterflowError).hint;
}

describe("the hint of an error about a stack", () => {
  it("names the folder that was named, as a shell takes it", () => {
    expect(hintOf("clusterflow local stop, then start", "/my data")).toBe(
      "clusterflow local stop --data-dir '/my data', then start",
    );
    expect(hintOf("clusterflow local logs a|b", "it's")).toBe(
      "clusterflow local logs --data-dir 'it'\\''s' a|b",
    );
  });

  it("stays as it is without one, for another stack, and when it names one already", () => {
    expect(hintOf("clusterflow local stop", null)).toBe("clusterflow local stop");
    expect(hintOf("clusterflow local start --ephemeral", "/d")).toBe("clusterflow local start --ephemeral");
    expect(hintOf("clusterflow local stop --data-dir /d", "/d")).toBe("clusterflow local stop --data-dir /d");
  });

  it("is not looked for in what is none of our errors", () => {
    const foreign = new Error("x");
    expect(withDataDir(foreign, "/d")).toBe(foreign);
  });
});
