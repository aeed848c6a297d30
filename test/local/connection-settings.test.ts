import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  connectionSettings,
  ENV_PARTS,
  parseEnvParts,
  renderSettings,
} from "../../src/local/connection-settings.ts";
import type { StackState } from "../../src/local/state.ts";

const state: StackState = {
  dataDir: "/data",
  cacheDir: "/cache",
  ephemeral: false,
  durable: true,
  brokers: ["127.0.0.1:9092", "127.0.0.1:9093"],
  kafkaClusterId: "id",
  database: {
    host: "127.0.0.1",
    port: 5433,
    database: "clusterinfo",
    user: "clusterinfo",
    password: "devpassword",
    superuserPassword: "unguessable",
  },
  clusterUrl: "http://127.0.0.1:8001",
  cluster: { objects: 1, seed: 1 },
  servers: [],
};

describe("the settings of a local stack", () => {
  it("name every server under the names that the other commands read", () => {
    expect(connectionSettings(state, ENV_PARTS)).toEqual({
      KAFKA_BROKERS: "127.0.0.1:9092,127.0.0.1:9093",
      DATABASE_HOST: "127.0.0.1",
      DATABASE_PORT: "5433",
      DATABASE_NAME: "clusterinfo",
      DATABASE_USER: "clusterinfo",
      DATABASE_PASSWORD: "devpassword",
      DATABASE_SSLMODE: "disable",
      CLUSTERFLOW_KUBE_SERVER: "http://127.0.0.1:8001",
    });
  });

  it("leave the database out for a collector that writes to Kafka", () => {
    const names = Object.keys(connectionSettings(state, parseEnvParts("kafka,cluster")));
    expect(names).toEqual(["KAFKA_BROKERS", "CLUSTERFLOW_KUBE_SERVER"]);
  });

  it("name no Kubernetes server when none runs", () => {
    expect(connectionSettings({ ...state, clusterUrl: null }, ["cluster"])).toEqual({});
  });

  it("refuse a part that does not exist", () => {
    expect(() => parseEnvParts("kafka,postgres")).toThrow(
      '--only takes kafka, database, cluster, not "postgres".',
    );
  });

  it.each([
    ["env", 'eval "$1"; printf %s "$KEY"'],
    ["shell", 'eval "$1"; sh -c \'printf %s "$KEY"\''],
  ] as const)("mean in a shell what they say, as %s", (format, script) => {
    for (const KEY of ["plain", "two words", "it's $HOME `id` \"\\\n*", "", "a,b:c/d@e"]) {
      const text = renderSettings({ KEY }, format);
      expect(execFileSync("sh", ["-c", script, "sh", text], { encoding: "utf8" })).toBe(KEY);
    }
  });

  it("are one JSON document when that is asked for", () => {
    expect(JSON.parse(renderSettings({ A: "1", B: "2" }, "json"))).toEqual({ A: "1", B: "2" });
  });
});
