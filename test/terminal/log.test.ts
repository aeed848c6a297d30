import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { say, speakAs } from "../../src/terminal/log.ts";
import { tellOnStderr } from "../../src/terminal/render.ts";
import { tellFailure } from "../../src/terminal/failure.ts";
import { ClusterflowError } from "../../src/core/errors.ts";
import type { Report } from "../../src/core/report.ts";

let said = "";

beforeEach(() => {
  said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  speakAs({ level: "info", format: "text" });
});

const REPORTS: readonly Report[] = [
  { kind: "batch-stored", topic: "t", partition: 0, start: 5n, end: 9n, stored: 4, deadLettered: 0 },
  { kind: "assigned", partitions: 3 },
  { kind: "waiting", for: "Kafka at a:1", reason: "refused" },
  { kind: "resumed", for: "Kafka at a:1", afterMs: 2500 },
  { kind: "kind-read", resource: "pods", status: "forbidden", objects: 0, reason: "no right" },
  { kind: "kind-read", resource: "nodes", status: "complete", objects: 7, reason: null },
  { kind: "warning", text: "look here" },
];

function tellAll(): void {
  REPORTS.forEach(tellOnStderr);
  say("error", "broken");
}

const WARNINGS = [
  "WARN waiting for Kafka at a:1: refused",
  "WARN Kafka at a:1 is back after 2.5 s",
  "WARN pods                         0  forbidden: no right",
  "WARN look here",
];

it.each([
  ["debug", 8],
  ["info", 7],
] as const)("at level %s everything from there on is said", (level, lines) => {
  speakAs({ level, format: "text" });
  tellAll();
  expect(said.trimEnd().split("\n")).toHaveLength(lines);
});

it("at level warn only what went wrong is said, and at level error only what ended it", () => {
  speakAs({ level: "warn", format: "text" });
  tellAll();
  expect(said.trimEnd().split("\n")).toEqual([...WARNINGS, "error: broken"]);
  said = "";
  speakAs({ level: "error", format: "text" });
  tellAll();
  expect(said).toBe("error: broken\n");
});

it("in format json every line is a document with its level, and no level is a word of the message", () => {
  speakAs({ level: "debug", format: "json" });
  tellAll();
  const lines = said
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ level }) => level)).toEqual([
    ...["debug", "info", "warn", "warn", "warn", "info", "warn", "error"],
  ]);
  expect(lines[0]).toMatchObject({
    kind: "batch-stored",
    start: "5",
    end: "9",
    message: "t[0] 5..8: 4 stored, 0 dead-lettered",
  });
  expect(lines.map(({ message }) => message).join("\n")).not.toMatch(/WARN|error:|^ /m);
});

it("tells a failure as one document in format json", () => {
  speakAs({ level: "error", format: "json" });
  tellFailure(new ClusterflowError("no\nroute", { code: "unreachable", hint: "try" }), { stack: false });
  expect(JSON.parse(said)).toMatchObject({
    level: "error",
    message: "no\nroute",
    code: "unreachable",
    suggestion: "try",
  });
  expect(said.trimEnd()).not.toContain("\n");
});
