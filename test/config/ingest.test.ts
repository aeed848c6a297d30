import { describe, expect, it } from "vitest";
import { loadIngestSettings } from "../../src/config/ingest.ts";
import { makeInput, thrownBy } from "./make-input.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const KAFKA = { KAFKA_ENABLED: "true", KAFKA_TOPIC: "quiz-events", JWT_SECRET: SECRET };
const DATABASE_URL = "postgresql://u:p@localhost:5432/d";

function load(environment: Record<string, string>, flags: Record<string, unknown> = {}): unknown {
  return loadIngestSettings(makeInput({ environment, flags })).settings;
}

describe("loadIngestSettings", () => {
  it("reads what the replaced system reads; the database is optional in front of Kafka", () => {
    expect(load(KAFKA)).toMatchObject({
      mode: "hybrid-kafka",
      address: { host: "127.0.0.1", port: 8080 },
      kafka: { brokers: ["localhost:9092"], topic: "quiz-events" },
      database: null,
      failover: "spool",
      signup: "closed",
      spool: { maxBytes: 1024 ** 3, dir: expect.stringMatching(/spool\/quiz-events$/) as string },
      tokens: { keys: { algorithm: "HS256", secrets: [SECRET] } },
    });
    expect(load({ ...KAFKA, DATABASE_URL, PORT: "0" }, { failover: "direct" })).toMatchObject({
      address: { port: 0 },
      database: { host: "localhost", user: "u" },
      failover: "direct",
    });
    expect(load({ KAFKA_ENABLED: "false", JWT_SECRET: SECRET, DATABASE_URL })).toMatchObject({
      mode: "legacy",
      database: { database: "d" },
    });
  });

  it("does not take psql's own variables for a database of the gateway", () => {
    expect(load({ ...KAFKA, PGHOST: "db" })).toMatchObject({ database: null });
  });

  it.each<[string, Record<string, string>, Record<string, unknown>, RegExp]>([
    ["no mode", { JWT_SECRET: SECRET }, {}, /no mode/],
    ["no secret", { KAFKA_ENABLED: "true" }, {}, /no key for tokens/],
    ["a short secret", { ...KAFKA, JWT_SECRET: "short" }, {}, /fewer than 32 bytes/],
    ["no database behind it", KAFKA, { failover: "direct" }, /no database is given/],
    ["no database at all", { KAFKA_ENABLED: "false", JWT_SECRET: SECRET }, {}, /database/],
    ["a size that is none", KAFKA, { spoolLimit: "12" }, /a size such as/],
  ])("refuses %s in one sentence with a next step", (_, environment, flags, sentence) => {
    const error = thrownBy(() => load(environment, flags));
    expect(error).toMatchObject({ code: "usage", hint: expect.any(String) as string });
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toContain("short");
  });
});
