import { describe, expect, it } from "vitest";
import { settlesWithin, TimeLimitError, unlessAborted, withinTime } from "../../src/core/bounded.ts";

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

describe("withinTime", () => {
  const forever = new AbortController().signal;

  it("hands on the work's result or its error, with or without a limit", async () => {
    expect(await withinTime(() => Promise.resolve("done"), 1_000, forever)).toBe("done");
    await expect(withinTime(() => Promise.reject(new Error("bad")), null, forever)).rejects.toThrow("bad");
  });

  it("fires the work's signal and rejects when the time is over", async () => {
    let fired: unknown = null;
    const work = async (signal: AbortSignal): Promise<string> => {
      signal.addEventListener("abort", () => (fired = signal.reason as unknown));
      return never;
    };
    await expect(withinTime(work, 10, forever)).rejects.toThrow(TimeLimitError);
    expect(fired).toBeInstanceOf(TimeLimitError);
  });

  it("fires it and rejects with the reason when the signal fires, also before it began", async () => {
    const controller = new AbortController();
    const waiting = withinTime(() => never, 10_000, controller.signal);
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(withinTime(() => never, null, controller.signal)).rejects.toBe(reason);
  });
});
