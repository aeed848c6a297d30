import { describe, expect, it } from "vitest";
import { explainSettings } from "../../src/config/explain.ts";
import { makeInput } from "./make-input.ts";

const CANARY = "canary-51ab";

describe("explainSettings", () => {
  it("tells each value's origin and masks secrets", () => {
    const files = {
      "env/.env.hybrid-consumer": `KAFKA_TOPIC=t\nDATABASE_URL=postgres://u:${CANARY}@db:6000/n\n`,
    };
    const environment = { DB_USER: "other" };
    const { settings, problems } = explainSettings(
      makeInput({ files, environment, flags: { group: "g" } }),
      "consumer",
    );
    const told = Object.fromEntries(settings.map(({ name, value, origin }) => [name, [value, origin]]));
    expect(problems).toEqual([]);
    expect(told).toMatchObject({
      KAFKA_BROKERS: ["localhost:9092", "default"],
      KAFKA_TOPIC: ["t", "KAFKA_TOPIC in env/.env.hybrid-consumer:1"],
      KAFKA_GROUP_ID: ["g", "--group"],
      DATABASE_HOST: ["db", "the host of DATABASE_URL in env/.env.hybrid-consumer:2"],
      DATABASE_USER: ["other", "DB_USER in the environment"],
      DATABASE_PASSWORD: ["***", "the password of DATABASE_URL in env/.env.hybrid-consumer:2"],
      DATABASE_SSLMODE: ["verify-full", "default"],
      DATABASE_SSLROOTCERT: [null, "not set"],
    });
    expect(JSON.stringify(settings)).not.toContain(CANARY);
  });

  it("shows a Kafka collector no database and names what is refused", () => {
    const environment = { KAFKA_ENABLED: "true", DB_PASSWORD: CANARY };
    const told = explainSettings(makeInput({ environment }), "collector");
    expect(told.settings.filter(({ group }) => group === "database")).toEqual([]);
    expect(told.problems.join("\n")).toContain("DB_PASSWORD in the environment: unset DB_PASSWORD");
    expect(JSON.stringify(told)).not.toContain(CANARY);
  });

  it("tells the values even when some are wrong", () => {
    const told = explainSettings(
      makeInput({ environment: { KAFKA_ENABLED: "true", KAFKA_BROKERS: "x" } }),
      "collector",
    );
    expect(told.settings.find(({ name }) => name === "KAFKA_BROKERS")?.value).toBe("x");
    expect(told.problems).toHaveLength(1);
  });
});
