import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Standstill, type Place } from "../../src/kafka/standstill.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const upTo = (high: bigint) => new Map([0, 1].map((partition) => [partition, { partition, low: 0n, high }]));
const ENDS = upTo(10n);
const at = (partition: number, position: bigint | null, isInHand = false): Place => ({
  partition,
  position,
  isInHand,
});

describe("Standstill", () => {
  it("names the partition that has been behind for longest without moving", () => {
    const standstill = new Standstill();
    expect(standstill.look([at(0, 3n), at(1, 5n)], ENDS)).toBeNull();
    vi.advanceTimersByTime(60_000);
    expect(standstill.look([at(0, 4n), at(1, 5n)], ENDS)).toMatchObject({ partition: 1, ms: 60_000 });
    vi.advanceTimersByTime(60_000);
    expect(standstill.look([at(0, 4n), at(1, 5n)], ENDS)).toEqual({
      ...{ partition: 1, position: 5n, behind: 5n, ms: 120_000, isFromTheStart: true },
    });
    vi.advanceTimersByTime(60_000);
    expect(standstill.look([at(0, 4n), at(1, 6n)], ENDS)).toMatchObject({
      ...{ partition: 0, ms: 120_000, isFromTheStart: false },
    });
  });

  it("does not mind one at its end, one in somebody's hands, or a clock that is set", () => {
    const standstill = new Standstill();
    const places = [at(0, 10n), at(1, 5n, true)];
    for (let look = 0; look < 5; look += 1) {
      vi.advanceTimersByTime(60_000);
      vi.setSystemTime(Date.now() + 3_600_000);
      expect(standstill.look(places, ENDS)).toBeNull();
    }
    vi.advanceTimersByTime(60_000);
    // from the last look at which it was at its end
    expect(standstill.look(places, upTo(11n))).toMatchObject({ partition: 0, ms: 60_000 });
  });

  it("counts one that nobody ever claimed, and not one that was excused", () => {
    const standstill = new Standstill();
    standstill.look([at(0, null)], ENDS);
    vi.advanceTimersByTime(60_000);
    const still = standstill.look([at(0, null)], ENDS);
    expect(still).toMatchObject({ partition: 0, ms: 60_000 });
    standstill.excuse(still!);
    vi.advanceTimersByTime(1_000);
    expect(standstill.look([at(0, null)], ENDS)).toMatchObject({ ms: 1_000, isFromTheStart: false });
  });
});
