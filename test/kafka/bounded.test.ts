import { describe, expect, it } from "vitest";
import { settlesWithin, unlessAborted } from "../../src/kafka/bounded.ts";

const never = new Promise<string>(() => undefined);

describe("settlesWithin", () => {
  it("says whether the work came to an end, good or bad", async () => {
    expect(await settlesWithin(Promise.resolve(), 1_000)).toBe(true);
    expect(await settlesWithin(Promise.reject(new Error("bad")), 1_000)).toBe(true);
    expect(await settlesWithin(never, 10)).toBe(false);
  });
});

describe("unlessAborted", () => {
  it("hands on the work's result or its error", async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve("done"), signal)).toBe("done");
    await expect(unlessAborted(Promise.reject(new Error("bad")), signal)).rejects.toThrow("bad");
  });

  it("ends with the signal's reason, also when that fired before", async () => {
    const controller = new AbortController();
    const waiting = unlessAborted(never, controller.signal);
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(unlessAborted(never, controller.signal)).rejects.toBe(reason);
  });
});
