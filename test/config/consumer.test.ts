import { describe, expect, it } from "vitest";
import { loadConsumerSettings } from "../../src/config/consumer.ts";
import { makeInput, thrownBy } from "./make-input.ts";

const EXPECTED = {
  kafka: { brokers: ["localhost:9092"], topic: "cluster-info" },
  group: "cluster-info-consumer",
  deadLetters: { maxInARow: 100, topic: null },
  http: null,
  database: {
    host: "localhost",
    port: 5432,
    database: "clusterinfo",
    user: "clusterinfo",
    password: "devpassword",
    sslmode: "disable",
    sslRootCert: null,
  },
};

const KAFKA = "KAFKA_ENABLED=true\nKAFKA_BROKERS=localhost:9092\nKAFKA_TOPIC=cluster-info\n";
const both = [
  "HOST=localhost",
  "PORT=5432",
  "NAME=clusterinfo",
  "USER=clusterinfo",
  "PASSWORD=devpassword",
  "SSLMODE=disable",
];

describe("loadConsumerSettings", () => {
  it("reads the file of the replaced system in both spellings, with and without export", () => {
    const seed = `${KAFKA}${both.map((line) => `DATABASE_${line}\n`).join("")}`;
    const committed =
      `${KAFKA}${both.map((line) => `DB_${line}\n`).join("")}LOG_LEVEL=info\n` +
      "CONSUMER_SERVER_ENABLED=true\nCONSUMER_SERVER_PORT=8083\nCONSUMER_SERVER_ADDRESS=\n";
    for (const text of [seed, committed, committed.replaceAll(/^/gm, "export ").replace(/export $/, "")]) {
      const { settings } = loadConsumerSettings(makeInput({ files: { "env/.env.hybrid-consumer": text } }));
      expect(settings).toEqual(EXPECTED);
    }
  });

  it("reads DATABASE_URL and the names of the official image", () => {
    const url = { DATABASE_URL: "postgres://clusterinfo:devpassword@localhost/clusterinfo?sslmode=disable" };
    expect(loadConsumerSettings(makeInput({ environment: url })).settings).toEqual(EXPECTED);
    const image = {
      POSTGRES_USER: "clusterinfo",
      POSTGRES_PASSWORD: "devpassword",
      POSTGRES_DB: "clusterinfo",
    };
    const environment = { ...image, DB_SSL_MODE: "disable" };
    expect(loadConsumerSettings(makeInput({ environment })).settings).toEqual(EXPECTED);
  });

  it.each(["-1", "many", "1.5", "1e3", "9999999999"])(
    "refuses %s as a number of records in a row",
    (count) => {
      const environment = { DB_NAME: "n", DB_USER: "u", CLUSTERFLOW_MAX_POISON: count };
      const error = thrownBy(() => loadConsumerSettings(makeInput({ environment })));
      expect(error.message).toContain("a number of records from 0 to 999999999; 0 sets no limit");
    },
  );

  it("takes the flag for how many records in a row may be refused, 0 included", () => {
    const environment = { DB_NAME: "n", DB_USER: "u", CLUSTERFLOW_MAX_POISON: "7" };
    const input = makeInput({ environment, flags: { maxPoison: "0" } });
    expect(loadConsumerSettings(input).settings.deadLetters.maxInARow).toBe(0);
  });

  it("does not bring dead letters back to the topic that they come from", () => {
    const environment = {
      DB_NAME: "n",
      DB_USER: "u",
      KAFKA_TOPIC: "orders",
      CLUSTERFLOW_DLQ_TOPIC: "orders",
    };
    const error = thrownBy(() => loadConsumerSettings(makeInput({ environment })));
    expect(error.message).toContain(
      "CLUSTERFLOW_DLQ_TOPIC (--dlq-topic) is orders, the topic that is consumed",
    );
    expect(error.hint).toBe("clusterflow consume --dlq-topic orders.dlq");
    const flags = { dlqTopic: "orders.dlq" };
    expect(loadConsumerSettings(makeInput({ environment, flags })).settings.deadLetters.topic).toBe(
      "orders.dlq",
    );
  });

  it("refuses a mode in which there is nothing to consume", () => {
    const environment = { KAFKA_ENABLED: "false", DB_NAME: "n", DB_USER: "u" };
    const error = thrownBy(() => loadConsumerSettings(makeInput({ environment })));
    expect(error.message).toContain("KAFKA_ENABLED in the environment means mode legacy");
  });

  it("misses nothing that a file which cannot be read would have said", () => {
    const error = thrownBy(() => loadConsumerSettings(makeInput({ envFiles: ["none.env"] })));
    expect(error.message).toBe("env file none.env does not exist");
  });

  it("takes the group from its flag", () => {
    const environment = { DB_NAME: "n", DB_USER: "u", KAFKA_GROUP_ID: "from-environment" };
    expect(loadConsumerSettings(makeInput({ environment, flags: { group: "mine" } })).settings.group).toBe(
      "mine",
    );
  });
});
