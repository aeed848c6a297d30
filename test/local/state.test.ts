import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readState, readStateFile, writeStateFile, type StateFile } from "../../src/local/state.ts";
import { temporaryFolder } from "../support/cli.ts";

const file: StateFile = {
  format: 1,
  ephemeral: false,
  cacheDir: "/var/cache/clusterflow",
  durable: true,
  kafkaClusterId: "2gckrHKVTnHynltLCa0x-g",
  superuserPassword: "unguessable",
  ports: { postgres: 5432, kafka: [9092, 9093, 9094], controllers: [1, 2, 3], cluster: 8001 },
  cluster: { objects: 300, seed: 7 },
  servers: [
    {
      name: "kafka-1",
      kind: "kafka",
      pid: 4711,
      identity: "boot:1",
      port: 9092,
      version: "4.3.1",
      log: "/data/logs/kafka-1.log",
      startedAt: "2026-11-21T10:59:25.030Z",
      readyAfterMs: null,
    },
  ],
};

describe("the state file", () => {
  it("comes back as it was written, readable for its owner alone", async () => {
    await using folder = await temporaryFolder();
    writeStateFile(folder.path, file);
    expect(readStateFile(folder.path)).toEqual(file);
    expect((await stat(join(folder.path, "state.json"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder.path)).toEqual(["state.json"]);
  });

  it("says how the servers are reached", async () => {
    await using folder = await temporaryFolder();
    writeStateFile(folder.path, file);
    expect(readState(folder.path)).toMatchObject({
      brokers: ["127.0.0.1:9092", "127.0.0.1:9093", "127.0.0.1:9094"],
      clusterUrl: "http://127.0.0.1:8001",
      database: {
        host: "127.0.0.1",
        port: 5432,
        database: "clusterinfo",
        user: "clusterinfo",
        password: "devpassword",
        superuserPassword: "unguessable",
      },
    });
  });

  it("has no cluster's address when no cluster was started, though it once had a port", async () => {
    await using folder = await temporaryFolder();
    writeStateFile(folder.path, { ...file, cluster: null });
    expect(readState(folder.path)?.clusterUrl).toBeNull();
  });

  it("is null where there never was a stack", async () => {
    await using folder = await temporaryFolder();
    expect(readState(folder.path)).toBeNull();
    expect(readState(join(folder.path, "missing"))).toBeNull();
  });

  it.each(["", "{", "[]", JSON.stringify({ ...file, format: 2 })])(
    "is refused with its path when it holds %j",
    async (text) => {
      await using folder = await temporaryFolder();
      const path = await folder.write("state.json", text);
      expect(() => readState(folder.path)).toThrow(`${path} is not a state file`);
    },
  );
});
