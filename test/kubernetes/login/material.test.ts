import { unlinkSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fileMaterial, fixedMaterial, REREAD_AFTER_MS } from "../../../src/kubernetes/login/material.ts";
import { temporaryDirectory } from "../temporary.ts";

describe("material in a file", () => {
  afterEach(() => void vi.useRealTimers());

  it("is read again after a minute, not before", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    using directory = temporaryDirectory();
    const token = fileMaterial(directory.write("token", "first\n"), "token file");
    expect(await token.read()).toBe("first");
    directory.write("token", "second\n");
    vi.advanceTimersByTime(REREAD_AFTER_MS - 1);
    expect(await token.read()).toBe("first");
    vi.advanceTimersByTime(1);
    expect(await token.read()).toBe("second");
  });

  it("is read again at once when it was refused", async () => {
    using directory = temporaryDirectory();
    const token = fileMaterial(directory.write("token", "first"), "token file");
    await token.read();
    directory.write("token", "second");
    expect(token.forget()).toBe(true);
    expect(await token.read()).toBe("second");
  });

  it("keeps what it had while a rotation has taken the file away", async () => {
    using directory = temporaryDirectory();
    const path = directory.write("token", "first");
    const token = fileMaterial(path, "token file");
    await token.read();
    unlinkSync(path);
    token.forget();
    expect(await token.read()).toBe("first");
  });

  it("names a file that is missing or empty", async () => {
    using directory = temporaryDirectory();
    const missing = `${directory.path}/none`;
    await expect(fileMaterial(missing, "token file").read()).rejects.toMatchObject({
      code: "usage",
      message: `the token file ${missing} does not exist`,
    });
    const empty = directory.write("empty", "\n");
    await expect(fileMaterial(empty, "token file").read()).rejects.toThrow(
      `the token file ${empty} is empty`,
    );
  });
});

describe("fixed material", () => {
  it("cannot be renewed", async () => {
    const token = fixedMaterial("value\n");
    expect(token.forget()).toBe(false);
    expect(await token.read()).toBe("value");
  });
});
