import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FetchWatch } from "../../src/kafka/fetch-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function seconds(watch: FetchWatch, count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    watch.tick();
  }
  await vi.advanceTimersByTimeAsync(0);
}

describe("FetchWatch", () => {
  it("does not look anywhere while fetches are answered, unless it is to", async () => {
    const look = vi.fn(() => Promise.resolve());
    const watch = new FetchWatch(look);
    for (let second = 0; second < 20; second += 1) {
      watch.answered();
      await seconds(watch, 1);
    }
    expect(look).not.toHaveBeenCalled();
    const other = new FetchWatch(look, 5_000);
    for (let second = 0; second < 20; second += 1) {
      other.answered();
      await seconds(other, 1);
    }
    expect(look).toHaveBeenCalledTimes(4);
    expect(other.isKafkaThere).toBe(false); // nobody asked in a silence
  });

  it("tells a consumer that stopped from a server that is away", async () => {
    const there = new FetchWatch(() => Promise.resolve());
    await seconds(there, 12);
    expect(there).toMatchObject({ isKafkaThere: true, isAlone: false, hasFetched: false });
    const away = new FetchWatch(() => Promise.reject(new Error("away")));
    await seconds(away, 12);
    expect(away).toMatchObject({ isKafkaThere: false, isAlone: true });
    const frozen = new FetchWatch(() => new Promise(() => undefined));
    await seconds(frozen, 12);
    expect(frozen).toMatchObject({ isKafkaThere: false, isAlone: true });
  });

  it("asks again after an answer that came long ago, and after one that never came", async () => {
    let isAnswering = true;
    const look = vi.fn(() => (isAnswering ? Promise.resolve() : new Promise(() => undefined)));
    const watch = new FetchWatch(look);
    await seconds(watch, 8);
    expect(watch.isKafkaThere).toBe(true);
    isAnswering = false;
    await seconds(watch, 14);
    expect(watch).toMatchObject({ isKafkaThere: false, isAlone: true });
    isAnswering = true;
    await seconds(watch, 14);
    expect(watch.isKafkaThere).toBe(true);
  });

  it("is not silent while no fetch is due", async () => {
    const watch = new FetchWatch(() => Promise.resolve());
    await seconds(watch, 9);
    watch.excused();
    expect(watch).toMatchObject({ silentMs: 0, isAlone: false, isKafkaThere: false, hasFetched: false });
  });

  it.each([3_600_000, -3_600_000])("does not mind that somebody sets the clock (by %i ms)", async (ms) => {
    const look = vi.fn(() => Promise.resolve());
    const watch = new FetchWatch(look);
    watch.answered();
    vi.setSystemTime(Date.now() + ms);
    await seconds(watch, 1);
    expect(watch.silentMs).toBe(1_000);
    expect(look).not.toHaveBeenCalled();
    await seconds(watch, 6);
    expect(look).toHaveBeenCalledOnce();
    expect(watch).toMatchObject({ silentMs: 7_000, isKafkaThere: true });
    vi.setSystemTime(Date.now() - ms);
    expect(watch.isKafkaThere).toBe(true);
  });
});
