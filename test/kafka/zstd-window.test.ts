import { expect, it } from "vitest";
import { zstdWindow } from "../../src/kafka/zstd-window.ts";
import { FRAMES, PLAIN } from "./codec-frames.ts";

const frame = (hex: string): Buffer => Buffer.from(`28b52ffd${hex}`, "hex");

it.each([
  ["a window of its own", frame("0458"), 2 ** 21],
  ["a window and eighths of it", frame("000b"), 2 ** 11 * 1.375],
  ["the largest window", frame("00ff"), 2 ** 41 * 1.875],
  ["a content of one byte's length", frame("20ff"), 255],
  ["a content of two, behind the name of a dictionary", frame("61aa0100"), 257],
  ["a content of four", frame("a000000080"), 2 ** 31],
  ["a content of eight", frame("e00000000000000080"), 2 ** 63],
])("is what a frame with %s asks for", (_, bytes, window) => {
  expect(zstdWindow(bytes)).toBe(window);
});

it("is told of real frames, and is nothing for what is none", () => {
  expect(zstdWindow(FRAMES.zstd)).toBe(PLAIN.length);
  expect(zstdWindow(FRAMES.lz4)).toBe(0);
  expect(zstdWindow(Buffer.alloc(0))).toBe(0);
});
