import { describe, expect, it } from "vitest";
import { sameSetup } from "../../../src/config/setup/command-line.ts";
import { CANARY, collector, database, e2e, hybrid, legacy } from "./answers-of.ts";

describe("sameSetup", () => {
  it("names every answer and reads a typed password from standard input", () => {
    expect(sameSetup(hybrid, "env", null)).toBe(
      "clusterflow setup --mode hybrid-kafka --brokers localhost:9092 --topic cluster-info --group cluster-info-consumer " +
        "--db-host localhost --db-port 5432 --db-name clusterinfo --db-user clusterinfo --sslmode disable " +
        "--yes --db-password-stdin < PASSWORD_FILE",
    );
  });

  it("holds no secret in any mode", () => {
    for (const answers of [legacy, hybrid, e2e]) expect(sameSetup(answers, "x", "/d")).not.toContain(CANARY);
  });

  it("says where a password lies, that there is none, or nothing when the default finds it", () => {
    const inFile = {
      ...legacy,
      database: { ...database, password: { kind: "file" as const, path: "/run/a b" } },
    };
    expect(sameSetup(inFile, "env", null)).toContain("--db-password-file '/run/a b'");
    const none = { ...legacy, database: { ...database, password: { kind: "none" as const } } };
    expect(sameSetup(none, "env", null)).toContain("--no-db-password");
    const usual = { ...legacy, database: { ...database, isDefaultPassword: true } };
    expect(sameSetup(usual, "env", null)).not.toContain("password");
  });

  it("names a generated cluster, and not the address that it happens to have", () => {
    const answers = { ...e2e, collector: { ...collector, server: "http://127.0.0.1:8001" } };
    expect(sameSetup(answers, "out", "/data")).toBe(
      "clusterflow setup --mode e2e --cluster synthetic:2000 --data-dir /data --out-dir out --yes",
    );
  });
});
