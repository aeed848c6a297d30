import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEVELOPMENT, type StateFile, writeStateFile } from "../../src/local/state.ts";
import { runCli, temporaryFolder } from "../support/cli.ts";

const stopped: StateFile = {
  format: 1,
  ...{ ephemeral: false, cacheDir: "/c", durable: true, kafkaClusterId: "x" },
  superuserPassword: DEVELOPMENT.password,
  ports: { postgres: 5432, kafka: [9092], controllers: [21_000], cluster: null },
  ...{ cluster: null, servers: [] },
};

describe("local, about a folder that was named", () => {
  it("names it again in every next command, as a shell takes it", async () => {
    await using folder = await temporaryFolder();
    const dataDir = join(folder.path, "my data");
    const place = ["--data-dir", dataDir];
    const flag = ` --data-dir '${dataDir}'`;
    const cases = [
      [["env"], `clusterflow local start${flag}`],
      [["logs", "kafka"], `clusterflow local start${flag}`],
      [["logs", "-n", "x"], `clusterflow local logs${flag} -n 50`],
      [["env", "--only", "x"], `clusterflow local env${flag} --only kafka,cluster`],
      [["start", "--brokers", "2"], `clusterflow local start${flag} --brokers 3`],
      [["reset"], `clusterflow local reset${flag} --confirm local`],
    ] as const;
    for (const [words, hint] of cases) {
      const { stderr } = await runCli(["local", ...words, ...place]);
      expect(stderr).toContain(`${hint}\n`);
    }
    expect(existsSync(dataDir)).toBe(false);
    writeStateFile(dataDir, stopped);
    expect((await runCli(["local", "status", ...place])).stderr).toContain(
      `clusterflow local start${flag}\n`,
    );
  });

  it("names none where none was named", async () => {
    const { stderr } = await runCli(["local", "start", "--brokers", "2"]);
    expect(stderr).toContain("clusterflow local start --brokers 3\n");
  });
});

describe("local without a stack, asked for JSON", () => {
  it("answers with one document on stdout, an error or a state", async () => {
    await using folder = await temporaryFolder();
    const place = ["--data-dir", join(folder.path, "none")];
    for (const form of [["--format", "json"], ["--format=json"]]) {
      const env = await runCli(["local", "env", ...form, ...place]);
      expect([env.status, env.stderr]).toEqual([4, ""]);
      expect(JSON.parse(env.stdout)).toMatchObject({ ok: false, exit: 4, error: { code: "wrong" } });
    }
    const status = await runCli(["local", "status", "-o", "json", ...place]);
    expect(status.status).toBe(4);
    expect(JSON.parse(status.stdout)).toMatchObject({ ok: false, up: false, servers: [] });
    const start = await runCli(["local", "start", "-o", "json", "--data-dir", "/dev/null/x"]);
    expect([start.status, start.stderr]).toEqual([2, ""]);
    expect(JSON.parse(start.stdout)).toMatchObject({ ok: false, exit: 2, error: { code: "usage" } });
  });
});
