import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { anyOf } from "../../src/core/signal.ts";

it("any of several signals fires with the reason of the first, also of one that fired before", () => {
  const [first, second] = [new AbortController(), new AbortController()];
  using any = anyOf([first.signal, second.signal]);
  expect(any.signal.aborted).toBe(false);
  second.abort("stop");
  expect(any.signal.reason).toBe("stop");
  using late = anyOf([first.signal, second.signal]);
  expect(late.signal.reason).toBe("stop");
});

it("holds on to nothing when it is done", () => {
  const { signal } = new AbortController();
  {
    using any = anyOf([signal]);
    expect(any.signal.aborted).toBe(false);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
  }
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});
