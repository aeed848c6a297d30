import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { LoopDelay } from "../../src/http/loop-delay.ts";

it("sees for how long nothing else could be done", async () => {
  using loop = new LoopDelay();
  await delay(300);
  expect(loop.maxMs).toBeLessThan(700);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
  await delay(200);
  expect(loop.maxMs).toBeGreaterThan(1_000);
});
