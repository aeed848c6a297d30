import { describe, expect, it } from "vitest";
import { SilenceError, unlessSilent, type Patience } from "../../src/pipeline/silence.ts";

const never = (): Promise<never> => new Promise(() => undefined);

function patience(isAnswering: boolean, over: Partial<Patience> = {}): Patience & { looks: () => number } {
  let looks = 0;
  const look = (): Promise<boolean> => {
    looks += 1;
    return Promise.resolve(isAnswering);
  };
  const { signal } = new AbortController();
  return { quietMs: 20, deadlineMs: null, isAnswering: look, signal, ...over, looks: () => looks };
}

const after = async (ms: number): Promise<string> =>
  new Promise((resolve) => setTimeout(() => resolve("answer"), ms));

describe("unlessSilent", () => {
  it("does not look at the server when the answer comes soon", async () => {
    const own = patience(false);
    expect(await unlessSilent(() => after(1), own)).toBe("answer");
    await after(50);
    expect(own.looks()).toBe(0);
  });

  it("goes on waiting while the server answers others", async () => {
    const own = patience(true);
    expect(await unlessSilent(() => after(100), own)).toBe("answer");
    expect(own.looks()).toBe(1);
  });

  it("gives up when it answers nobody, and fires the work's signal", async () => {
    let fired: unknown = null;
    const work = async (signal: AbortSignal): Promise<never> => {
      signal.addEventListener("abort", () => (fired = signal.reason as unknown));
      return never();
    };
    await expect(unlessSilent(work, patience(false))).rejects.toThrow(SilenceError);
    expect(fired).toBeInstanceOf(SilenceError);
  });

  it("gives up at the deadline however alive the server, and at the signal with its reason", async () => {
    await expect(unlessSilent(never, patience(true, { deadlineMs: 60 }))).rejects.toThrow(
      "no answer within 0.06 s",
    );
    const stop = new AbortController();
    const waiting = unlessSilent(never, patience(true, { signal: stop.signal }));
    const reason = new Error("stop");
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
