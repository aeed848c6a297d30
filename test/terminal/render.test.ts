import { expect, it } from "vitest";
import type { Report } from "../../src/core/report.ts";
import { sentence } from "../../src/terminal/render.ts";

it.each<[Report, string]>([
  [{ kind: "waiting", for: "Kafka at a:1", reason: "refused" }, "waiting for Kafka at a:1: refused"],
  [{ kind: "resumed", for: "Kafka at a:1", afterMs: 2500 }, "Kafka at a:1 is back after 2.5 s"],
  [
    { kind: "batch-stored", topic: "t", partition: 2, start: 5n, end: 9n, stored: 3, deadLettered: 1 },
    "t[2] 5..8: 3 stored, 1 dead-lettered",
  ],
  [
    { kind: "record-rejected", topic: "t", partition: 0, offset: 7n, reason: "no JSON" },
    "t[0] offset 7 goes to the dead letters: no JSON",
  ],
  [{ kind: "fenced", topic: "t", partition: 1 }, "t[1] belongs to another process now; nothing was written"],
])("says %o in one line", (report, text) => {
  expect(sentence(report)).toBe(text);
});
