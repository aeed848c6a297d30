import { describe, expect, it } from "vitest";
import {
  type CollectToKafka,
  type CollectToPostgres,
  loadCollectorSettings,
} from "../../src/config/collector.ts";
import { KNOWN_NAMES, settingOf } from "../../src/config/catalogue.ts";
import { Findings } from "../../src/config/findings.ts";
import type { DatabaseSettings, KafkaSettings } from "../../src/config/parts.ts";
import { resolveValues } from "../../src/config/sources/resolve.ts";
import { makeInput, thrownBy } from "./make-input.ts";

const CANARY = "canary-7f3a";
const FILE = "env/.env.hybrid";

describe("a collector in mode hybrid-kafka", () => {
  it("refuses every database setting, each named with its place and its way out", () => {
    const files = { [FILE]: `KAFKA_ENABLED=true\nexport DB_HOST=localhost\nDATABASE_PASSWORD=${CANARY}\n` };
    const environment = {
      DATABASE_URL: `postgres://u:${CANARY}@h/db`,
      PGHOST: "h",
      DB_PASSWORD_FILE: "/run/x",
    };
    const error = thrownBy(() =>
      loadCollectorSettings(makeInput({ files, environment, flags: { dbUser: "me" } })),
    );
    expect(error.code).toBe("usage");
    expect(error.message.split("\n")).toEqual([
      "a collector in mode hybrid-kafka writes to Kafka only and takes no database setting; refused:",
      "  --db-user on the command line: leave it out",
      "  DATABASE_URL in the environment: unset DATABASE_URL",
      "  DB_PASSWORD_FILE in the environment: unset DB_PASSWORD_FILE",
      "  DB_HOST in env/.env.hybrid, line 2: remove the line",
      "  DATABASE_PASSWORD in env/.env.hybrid, line 3: remove the line",
      "  PGHOST in the environment: unset PGHOST",
    ]);
    expect(error.hint).toContain("--allow-database-env");
    expect(JSON.stringify(error) + error.message).not.toContain(CANARY);
  });

  const names = [...KNOWN_NAMES]
    .filter(([, { id }]) => settingOf(id).group === "database")
    .map(([name]) => name);

  it.each(names)("refuses %s in the environment and in its file, whatever the value", (name) => {
    for (const value of ["x", ""]) {
      const inEnvironment = { environment: { KAFKA_ENABLED: "true", [name]: value } };
      expect(thrownBy(() => loadCollectorSettings(makeInput(inEnvironment))).message).toContain(
        `unset ${name}`,
      );
      const inFile = { files: { [FILE]: `KAFKA_ENABLED=true\n${name}=${value}\n` } };
      expect(thrownBy(() => loadCollectorSettings(makeInput(inFile))).message).toContain(
        `${name} in ${FILE}, line 2`,
      );
    }
  });

  it("starts with --allow-database-env, and even then neither reads a value nor opens a secret's file", () => {
    const files = {
      [FILE]: "KAFKA_ENABLED=true\nDB_PORT=not-a-port\nDB_PASSWORD='never closed\nDB_PASSWORD_FILE=missing\n",
    };
    const { settings, notices } = loadCollectorSettings(
      makeInput({ files, flags: { allowDatabaseEnv: true } }),
    );
    expect(settings.mode).toBe("hybrid-kafka");
    expect("database" in settings).toBe(false);
    expect(notices).toEqual([
      "--allow-database-env: these database settings were given and are not read: DB_PORT, DB_PASSWORD, DB_PASSWORD_FILE",
    ]);
  });

  it("does not take for settings what Kubernetes tells every pod of a service called postgres or db", () => {
    const environment = {
      KAFKA_ENABLED: "true",
      POSTGRES_PORT: "tcp://10.96.0.7:5432",
      DB_PORT: "tcp://10.96.0.8:5432",
    };
    expect(loadCollectorSettings(makeInput({ environment })).settings.mode).toBe("hybrid-kafka");
  });

  it("needs no database setting at all", () => {
    expect(loadCollectorSettings(makeInput({ environment: { KAFKA_ENABLED: "true" } })).settings.mode).toBe(
      "hybrid-kafka",
    );
  });
});

describe("a collector in mode legacy", () => {
  const database = { DB_NAME: "n", DB_USER: "u" };

  it("refuses every Kafka setting, each named with its place and its way out", () => {
    const files = { [FILE]: "KAFKA_ENABLED=false\nKAFKA_BROKERS=localhost:9092\n" };
    const environment = { ...database, KAFKA_TOPIC: "cluster-info", KAFKA_GROUP_ID: "g" };
    const error = thrownBy(() =>
      loadCollectorSettings(makeInput({ files, environment, flags: { brokers: "a:1" } })),
    );
    expect(error.code).toBe("usage");
    expect(error.message.split("\n")).toEqual([
      "a collector in mode legacy writes to PostgreSQL only and takes no Kafka setting; refused:",
      "  --brokers on the command line: leave it out",
      "  KAFKA_TOPIC in the environment: unset KAFKA_TOPIC",
      "  KAFKA_GROUP_ID in the environment: unset KAFKA_GROUP_ID",
      "  KAFKA_BROKERS in env/.env.hybrid, line 2: remove the line",
    ]);
  });

  it("takes KAFKA_ENABLED=false, which is how its file says the mode", () => {
    const { settings } = loadCollectorSettings(
      makeInput({ environment: { ...database, KAFKA_ENABLED: "false" } }),
    );
    expect(settings.mode).toBe("legacy");
    expect("kafka" in settings).toBe(false);
  });
});

describe("the shapes", () => {
  const kafka: KafkaSettings = { brokers: ["localhost:9092"], topic: "cluster-info" };
  const database: DatabaseSettings = {
    host: "localhost",
    port: 5432,
    database: "n",
    user: "u",
    password: null,
    sslmode: "disable",
    sslRootCert: null,
  };
  const { kubernetes, schedule } = loadCollectorSettings(makeInputOutsideTest()).settings;
  const common = { kubernetes, schedule };

  it("do not let a Kafka collector be given a database, neither in place nor in a wider object", () => {
    // @ts-expect-error a Kafka collector has no database
    const literal: CollectToKafka = { mode: "hybrid-kafka", kafka, database, ...common };
    const wider = { mode: "hybrid-kafka" as const, kafka, database, ...common };
    // @ts-expect-error nor does one that came by in a variable
    const widened: CollectToKafka = wider;
    // @ts-expect-error the mirror
    const mirror: CollectToPostgres = { mode: "legacy", kafka, database, ...common };
    const fit: CollectToKafka = { mode: "hybrid-kafka", kafka, ...common };
    expect([literal, widened, mirror, fit]).toHaveLength(4);
  });

  it("do not let whoever resolved Kafka's settings ask for a database's", () => {
    const values = resolveValues([], ["kafka"], new Findings());
    // @ts-expect-error databaseHost is in another group
    expect(values.text("databaseHost")).toBeNull();
    expect(values.text("brokers")).toBe("localhost:9092");
  });
});

function makeInputOutsideTest() {
  return { flags: {}, environment: { KAFKA_ENABLED: "true" }, envFiles: [], directory: "/nonexistent" };
}
