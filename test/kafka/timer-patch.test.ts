import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { beforeAll, describe, expect, it } from "vitest";
import { patchRequestTimer } from "../../src/kafka/timer-patch.ts";

interface TestQueue extends RequestQueue {
  push(request: { entry: object; expectResponse: boolean; sendRequest: () => void }): void;
  maybeThrottle(ms: number): void;
  destroy(): void;
}

const logger = { debug: () => undefined };

function openQueue(): TestQueue & Disposable {
  const queue = Reflect.construct(RequestQueue, [
    { requestTimeout: 1000, broker: "b", clientId: "c", logger },
  ]) as TestQueue;
  return Object.assign(queue, { [Symbol.dispose]: () => queue.destroy() });
}

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

describe("the timer of kafkajs's request queue", () => {
  beforeAll(patchRequestTimer);

  it("is not armed while nothing waits in the queue", () => {
    using queue = openQueue();
    const before = timers();
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
    expect(timers()).toBe(before);
  });

  it("is armed while the broker asked for a pause, sends what waited, and is gone then", async () => {
    using queue = openQueue();
    queue.maybeThrottle(20);
    const sent = new Promise<number>((resolve) => {
      const askedAt = performance.now();
      queue.push({
        entry: { correlationId: 1 },
        expectResponse: true,
        sendRequest: () => resolve(performance.now() - askedAt),
      });
    });
    expect(queue.pending).toHaveLength(1);
    expect(await sent).toBeGreaterThan(15);
    expect(queue.pending).toHaveLength(0);
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });
});
