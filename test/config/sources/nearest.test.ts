import { describe, expect, it } from "vitest";
import { isTypo, nearestName } from "../../../src/config/sources/nearest.ts";

describe("nearestName", () => {
  it.each([
    ["KAFKA_BROKER", "KAFKA_BROKERS"],
    ["KAFKA_BOOTSTRAP_SERVER", "KAFKA_BOOTSTRAP_SERVERS"],
    ["DB_PASWORD", "DB_PASSWORD"],
    ["DATABASE_HOTS", "DATABASE_HOST"],
    ["DB_USERNAME", "DB_USER"],
    ["LOGLEVEL", "LOG_LEVEL"],
  ])("takes %s for %s", (typed, meant) => {
    expect(nearestName(typed)).toBe(meant);
  });

  it("has no suggestion for a name that resembles nothing", () => {
    expect(nearestName("HOMEBREW_PREFIX")).toBeNull();
  });
});

describe("isTypo", () => {
  it("is stricter: the environment holds many names that only resemble ours", () => {
    expect(isTypo("KAFKA_BROKER")).toBe(true);
    expect(isTypo("KAFKA_SERVICE_HOST")).toBe(false);
    expect(isTypo("DB_PORT_5432_TCP_ADDR")).toBe(false);
  });
});
