import ConsumerGroup from "kafkajs/src/consumer/consumerGroup.js";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { patchHeartbeats } from "../../src/kafka/heartbeat-patch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function openGroup(coordinator: () => Promise<void>): ConsumerGroup {
  patchHeartbeats();
  const logger = { namespace: () => logger };
  const group = Reflect.construct(ConsumerGroup, [
    { logger, instrumentationEmitter: { emit: () => undefined }, topics: [], retry: {} },
  ]) as ConsumerGroup;
  return Object.assign(group, { memberId: "m", coordinator: { heartbeat: coordinator } });
}

it.each([0, 3_600_000, -3_600_000])(
  "heartbeats go once each interval, also when the clock is set by %i ms",
  async (ms) => {
    const sent = vi.fn(() => Promise.resolve());
    const group = openGroup(sent);
    vi.setSystemTime(Date.now() + ms);
    for (let step = 0; step < 40; step += 1) {
      await group.heartbeat({ interval: 1_000 });
      vi.advanceTimersByTime(250);
    }
    expect(sent).toHaveBeenCalledTimes(10);
  },
);

it("a heartbeat that failed is made again at once", async () => {
  const sent = vi.fn(() => Promise.reject(new Error("cut")));
  const group = openGroup(sent);
  await expect(group.heartbeat({ interval: 1_000 })).rejects.toThrow("cut");
  await expect(group.heartbeat({ interval: 1_000 })).rejects.toThrow("cut");
  expect(sent).toHaveBeenCalledTimes(2);
});
