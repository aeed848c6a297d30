import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Deadline } from "../../src/core/deadline.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("says what is left, whatever the calendar does, and never less than nothing", () => {
  const deadline = new Deadline(1_000);
  expect(deadline.leftMs).toBe(1_000);
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.advanceTimersByTime(400);
  expect(deadline.leftMs).toBe(600);
  vi.advanceTimersByTime(5_000);
  expect(deadline.leftMs).toBe(0);
});
