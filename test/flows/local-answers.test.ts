import { describe, expect, it } from "vitest";
import { findLocalStack } from "../../src/flows/local-answers.ts";
import { makeFolder } from "../config/make-input.ts";

describe("findLocalStack", () => {
  it("finds nothing where no stack was ever made", async () => {
    expect(await findLocalStack({ environment: {}, dataDir: makeFolder() })).toBeNull();
    expect(await findLocalStack({ environment: {}, dataDir: "/nonexistent/stack" })).toBeNull();
  });

  it("does not stop a setup for a folder that is somebody else's", async () => {
    const dataDir = makeFolder({ "state.json": '{"format": 99}' });
    expect(await findLocalStack({ environment: {}, dataDir })).toBeNull();
  });
});
