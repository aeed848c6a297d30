import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCollectorSettings } from "../../../src/config/collector.ts";
import { loadIngestSettings } from "../../../src/config/ingest.ts";
import { loadConsumerSettings } from "../../../src/config/consumer.ts";
import { maskedSettings, renderFile, setupFiles } from "../../../src/config/setup/files.ts";
import type { Answers } from "../../../src/config/setup/answers.ts";
import { makeInput } from "../make-input.ts";
import { CANARY, collector, database, e2e, hybrid, legacy } from "./answers-of.ts";

function rendered(answers: Answers): Record<string, string> {
  return Object.fromEntries(setupFiles(answers).map((file) => [`env/${file.name}`, renderFile(file)]));
}

describe("setupFiles", () => {
  it("writes the legacy collector's file and no other", () => {
    const files = rendered(legacy);
    expect(Object.keys(files)).toEqual(["env/.env.hybrid"]);
    expect(files["env/.env.hybrid"]?.split("\n").slice(1)).toEqual([
      "export KAFKA_ENABLED=false",
      "export DB_HOST=localhost",
      "export DB_PORT=5432",
      "export DB_NAME=clusterinfo",
      "export DB_USER=clusterinfo",
      `export DB_PASSWORD=${CANARY}`,
      "export DB_SSLMODE=disable",
      "export LOG_LEVEL=info",
      "export LOG_FORMAT=text",
      "",
    ]);
  });

  it("writes the Kafka collector's file without one word about a database", () => {
    for (const answers of [hybrid, e2e]) {
      const [text = ""] = Object.values(rendered(answers));
      expect(text.split("\n").slice(1)).toEqual([
        "export KAFKA_ENABLED=true",
        "export KAFKA_BROKERS=localhost:9092",
        "export KAFKA_TOPIC=cluster-info",
        "export LOG_LEVEL=info",
        "export LOG_FORMAT=text",
        "",
      ]);
      expect(text).not.toMatch(/database|\bDB_|postgres|password|PG/i);
      expect(text).not.toContain(CANARY);
    }
  });

  it("writes files that the loaders take without a notice", () => {
    const files = rendered(hybrid);
    const collected = loadCollectorSettings(makeInput({ files }));
    expect([collected.settings.mode, collected.notices]).toEqual(["hybrid-kafka", []]);
    const consumed = loadConsumerSettings(makeInput({ files }));
    expect([consumed.settings.database.password, consumed.notices]).toEqual([CANARY, []]);
    expect(loadCollectorSettings(makeInput({ files: rendered(legacy) })).settings.mode).toBe("legacy");
  });

  it("names the file of a password instead of holding it, and neither when there is none", () => {
    const named = rendered({
      ...hybrid,
      database: { ...database, password: { kind: "file", path: "/run/pg" } },
    });
    expect(named["env/.env.hybrid-consumer"]).toContain("export DATABASE_PASSWORD_FILE=/run/pg\n");
    expect(named["env/.env.hybrid-consumer"]).not.toContain("DATABASE_PASSWORD=");
    const none = rendered({ ...legacy, database: { ...database, password: { kind: "none" } } });
    expect(none["env/.env.hybrid"]).not.toContain("PASSWORD");
  });

  it("says which cluster and how often only in the collector's file", () => {
    const chosen = { ...collector, server: "https://h:6443", interval: "5m" };
    const files = rendered({ ...hybrid, collector: chosen });
    expect(files["env/.env.hybrid"]).toContain(
      "CLUSTERFLOW_KUBE_SERVER=https://h:6443\nexport COLLECTION_INTERVAL=5m\n",
    );
    expect(files["env/.env.hybrid-consumer"]).not.toMatch(/KUBE|INTERVAL/);
  });
});

describe("maskedSettings", () => {
  it("shows everything but the secret", () => {
    const [, consumer] = setupFiles(hybrid);
    const masked = consumer === undefined ? {} : maskedSettings(consumer);
    expect(masked).toMatchObject({ DATABASE_USER: "clusterinfo", DATABASE_PASSWORD: "***" });
    expect(JSON.stringify(masked)).not.toContain(CANARY);
  });
});

describe("the examples in env/", () => {
  const folder = resolve(import.meta.dirname, "../../../env");
  const names = readdirSync(folder).filter((name) => name.endsWith(".example"));

  it.each(names)("%s is taken by its loader", (name) => {
    const files = { f: readFileSync(join(folder, name), "utf8") };
    const others = name.includes("consumer") ? loadConsumerSettings : loadCollectorSettings;
    const load = name.includes("ingest") ? loadIngestSettings : others;
    // no example has a secret that somebody could keep
    const environment: Record<string, string> = name.includes("ingest") ? { JWT_SECRET: "s".repeat(32) } : {};
    expect(load(makeInput({ files, environment, envFiles: ["f"] })).notices).toEqual([]);
  });

  it("are six", () => {
    expect(names).toHaveLength(6);
  });
});
