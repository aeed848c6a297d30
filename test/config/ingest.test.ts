import { describe, expect, it } from "vitest";
import { explainSettings } from "../../src/config/explain.ts";
import { loadGatewayUrl, loadIngestSettings } from "../../src/config/ingest.ts";
import { makeInput, thrownBy } from "./make-input.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const FORMER = "fedcba9876543210fedcba9876543210";
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

  it("reads a former secret and a former public key, which are believed behind the present ones", () => {
    const files = { old: `${FORMER}\n`, "now.pem": "PRESENT", "old.pem": "FORMER" };
    const keysOf = (given: Record<string, string>): unknown => {
      const environment = { KAFKA_ENABLED: "true", ...given };
      return loadIngestSettings(makeInput({ environment, files })).settings.tokens.keys;
    };
    const both = { algorithm: "HS256", secrets: [SECRET, FORMER] };
    expect(keysOf({ JWT_SECRET: SECRET, JWT_SECRET_PREVIOUS: FORMER })).toEqual(both);
    expect(keysOf({ JWT_SECRET: SECRET, JWT_SECRET_PREVIOUS_FILE: "old" })).toEqual(both);
    const locations = { JWT_PUBLIC_KEY_LOCATION: "now.pem", JWT_PUBLIC_KEY_PREVIOUS_LOCATION: "old.pem" };
    expect(keysOf(locations)).toMatchObject({ privateKey: null, publicKeys: ["PRESENT", "FORMER"] });
  });

  it("tells when a secret that was to be replaced is still the same, and never shows one", () => {
    const environment = { ...KAFKA, JWT_SECRET_PREVIOUS: SECRET };
    const { notices } = loadIngestSettings(makeInput({ environment }));
    expect(notices).toEqual([expect.stringMatching(/JWT_SECRET_PREVIOUS.*same/)]);
    const shown = JSON.stringify(explainSettings(makeInput({ environment }), "ingest"));
    expect(shown).toContain('"JWT_SECRET_PREVIOUS","group":"ingest","value":"***"');
    expect(shown).not.toContain(SECRET);
  });

  it.each([
    [{}, "http://127.0.0.1:8080"],
    [{ PORT: "8081" }, "http://127.0.0.1:8081"],
    [{ CLUSTERFLOW_HOST: "0.0.0.0", PORT: "9" }, "http://127.0.0.1:9"],
    [{ CLUSTERFLOW_HOST: "[::]" }, "http://[::1]:8080"],
    [{ CLUSTERFLOW_HOST: "::1" }, "http://[::1]:8080"],
    [{ CLUSTERFLOW_HOST: "gate.example.com" }, "http://gate.example.com:8080"],
  ])("knows where its clients find it: %j", (environment, url) => {
    expect(loadGatewayUrl(makeInput({ environment }))).toBe(url);
  });

  it("says that nobody knows which free port was taken, and what is no port", () => {
    const free = thrownBy(() => loadGatewayUrl(makeInput({ environment: { PORT: "0" } })));
    expect(free).toMatchObject({ code: "usage", message: expect.stringMatching(/PORT.*--url/) as string });
    const wrong = thrownBy(() => loadGatewayUrl(makeInput({ environment: { PORT: "x" } })));
    expect(wrong.message).toMatch(/PORT in the environment is .*x.*; wanted is a port/);
  });

  it.each<[string, Record<string, string>, Record<string, unknown>, RegExp]>([
    [
      "a former secret alone",
      { KAFKA_ENABLED: "true", JWT_SECRET_PREVIOUS: FORMER },
      {},
      /no key for tokens/,
    ],
    ["a short former secret", { ...KAFKA, JWT_SECRET_PREVIOUS: "short" }, {}, /PREVIOUS has fewer than 32/],
    ["a former key beside a secret", { ...KAFKA, JWT_PUBLIC_KEY_PREVIOUS_LOCATION: "x" }, {}, /both given/],
    [
      "a former secret beside a key",
      { KAFKA_ENABLED: "true", JWT_PUBLIC_KEY_LOCATION: "x", JWT_SECRET_PREVIOUS: FORMER },
      {},
      /both given/,
    ],
    [
      "a former key alone",
      { KAFKA_ENABLED: "true", JWT_PUBLIC_KEY_PREVIOUS_LOCATION: "/dev/null" },
      {},
      /no key for tokens/,
    ],
    ["no mode", { JWT_SECRET: SECRET }, {}, /no mode/],
    ["no secret", { KAFKA_ENABLED: "true" }, {}, /no key for tokens/],
    ["a short secret", { ...KAFKA, JWT_SECRET: "short" }, {}, /fewer than 32 bytes/],
    ["no database behind it", KAFKA, { failover: "direct" }, /no database is given/],
    ["no database at all", { KAFKA_ENABLED: "false", JWT_SECRET: SECRET }, {}, /database/],
    ["a size that is none", KAFKA, { spoolLimit: "12" }, /a size of 1MiB or more/],
    ["a size too small", KAFKA, { spoolLimit: "300KiB" }, /a size of 1MiB or more/],
  ])("refuses %s in one sentence with a next step", (_, environment, flags, sentence) => {
    const error = thrownBy(() => load(environment, flags));
    expect(error).toMatchObject({ code: "usage", hint: expect.any(String) as string });
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toContain("short");
  });
});
