import { expect, it } from "vitest";
import { loadCollectorSettings } from "../../src/config/collector.ts";
import { loadCutoverSettings } from "../../src/config/cutover.ts";
import { makeInput } from "./make-input.ts";

const environment = {
  KAFKA_BROKERS: "k:9092",
  DATABASE_URL: "postgresql://sink:one@127.0.0.1:5432/analytics",
};

it("the table is in the database of the others, unless another one is named", () => {
  const alone = loadCutoverSettings(makeInput({ environment })).settings;
  expect(alone.source).toEqual(alone.database);
  const SOURCE_DATABASE_URL = "postgresql://shop:two@127.0.0.1:5433/mykart?sslmode=disable";
  const { source, database } = loadCutoverSettings(
    makeInput({ environment: { ...environment, SOURCE_DATABASE_URL } }),
  ).settings;
  expect(source).toMatchObject({
    port: 5433,
    database: "mykart",
    user: "shop",
    password: "two",
    sslmode: "disable",
  });
  expect(database).toMatchObject({ port: 5432, database: "analytics", user: "sink" });
});

it("an address that is wrong is named, and never shown", () => {
  const SOURCE_DATABASE_URL = "postgresql://shop:a-secret@127.0.0.1:x/mykart";
  const load = (): unknown =>
    loadCutoverSettings(makeInput({ environment: { ...environment, SOURCE_DATABASE_URL } }));
  expect(load).toThrow(/SOURCE_DATABASE_URL/);
  expect(load).not.toThrow(/a-secret/);
});

it("a collector in Kafka mode takes it no more than any other database", () => {
  const input = makeInput({
    environment: { KAFKA_ENABLED: "true", SOURCE_DATABASE_URL: "postgresql://a:b@127.0.0.1/c" },
  });
  expect(() => loadCollectorSettings(input)).toThrow(/SOURCE_DATABASE_URL in the environment: unset/);
});
