import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import { setupCommand, type SetupSurroundings } from "../../src/commands/setup.ts";
import { makeFolder } from "../config/make-input.ts";

const CANARY = "canary-e0b7";

interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly error: unknown;
}

/** Runs `setup` in this process with nobody at the terminal; what it says is caught. */
async function setup(
  words: readonly string[],
  given: Partial<SetupSurroundings> & { readonly directory: string },
): Promise<Run> {
  const said = { stdout: "", stderr: "" };
  const catching = (stream: "stdout" | "stderr") =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    });
  const spies = [catching("stdout"), catching("stderr")];
  const surroundings: SetupSurroundings = {
    stdin: new PassThrough(),
    stderr: new PassThrough(),
    environment: {},
    localStack: () => Promise.resolve(null),
    ...given,
  };
  try {
    await setupCommand(surroundings).exitOverride().parseAsync(words, { from: "user" });
    return { ...said, error: null };
  } catch (error) {
    return { ...said, error };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe("setup without a terminal", () => {
  it.each([
    ["hybrid-kafka", [".env.hybrid", ".env.hybrid-consumer"]],
    ["legacy", [".env.hybrid"]],
  ])("needs nothing but --mode %s --yes", async (mode, names) => {
    const directory = makeFolder();
    const { stdout, stderr, error } = await setup(["--mode", mode, "--yes"], { directory });
    expect(error).toBeNull();
    for (const name of names) {
      expect(stdout).toContain(`env/${name} written`);
      expect(statSync(join(directory, "env", name)).mode & 0o777).toBe(0o600);
    }
    expect(stdout).toContain("clusterflow collect");
    expect(stdout).toContain("clusterflow verify");
    expect(stderr).toContain("PASSWORD=***");
    expect(existsSync(join(directory, "env/.env.hybrid-consumer"))).toBe(mode === "hybrid-kafka");
  });

  it("ends with usage and names the flags when an answer is missing, and writes nothing", async () => {
    const directory = makeFolder();
    expect(await setup([], { directory })).toMatchObject({ error: { code: "usage" } });
    const { error } = await setup(["--mode", "hybrid-kafka"], { directory });
    expect(error).toMatchObject({
      code: "usage",
      message: expect.stringContaining("--brokers, --topic") as string,
    });
    expect(existsSync(join(directory, "env"))).toBe(false);
  });

  it("does not wait at a pipe that stays open, nor ask when CI is set", async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stderr = Object.assign(new PassThrough(), { isTTY: true });
    const directory = makeFolder();
    for (const CI of ["1", "true"]) {
      const { error } = await setup([], { directory, stdin, stderr, environment: { CI } });
      expect(error).toMatchObject({ code: "usage", message: expect.stringContaining("--mode") as string });
    }
  });

  it("refuses to replace a file that differs, and keeps a copy when it is told to", async () => {
    const directory = makeFolder({ "env/.env.hybrid": `DB_PASSWORD=${CANARY}\n` });
    const words = [
      "--mode",
      "legacy",
      "--db-host=h",
      "--db-port=1",
      "--db-name=n",
      "--db-user=u",
      "--sslmode=require",
    ];
    const refused = await setup([...words, "--no-db-password"], { directory });
    expect(refused.error).toMatchObject({
      code: "usage",
      hint: expect.stringContaining("--overwrite") as string,
    });
    expect(readFileSync(join(directory, "env/.env.hybrid"), "utf8")).toContain(CANARY);
    const { stdout, stderr } = await setup([...words, "--no-db-password", "--overwrite"], { directory });
    expect(stdout).toContain("env/.env.hybrid written; the old one is env/.env.hybrid.bak");
    expect(readFileSync(join(directory, "env/.env.hybrid.bak"), "utf8")).toContain(CANARY);
    expect(stdout + stderr + refused.stderr).not.toContain(CANARY);
  });

  it("types its own files anew with --yes, in any mode and twice, but not those that were edited", async () => {
    const directory = makeFolder();
    for (const mode of ["hybrid-kafka", "hybrid-kafka", "legacy", "legacy", "hybrid-kafka"])
      expect((await setup(["--mode", mode, "--yes"], { directory })).error).toBeNull();
    const path = join(directory, "env/.env.hybrid");
    const edited = `${readFileSync(path, "utf8")}# ${CANARY}\nCLUSTERFLOW_CLUSTER_NAME=mine\n`;
    writeFileSync(path, edited);
    const { error, stderr } = await setup(["--mode", "legacy", "--yes"], { directory });
    expect(error).toMatchObject({
      code: "usage",
      hint: expect.stringMatching(/^clusterflow setup --mode legacy .*--overwrite/) as string,
    });
    expect(stderr).toContain("- # ***\n  - CLUSTERFLOW_CLUSTER_NAME=mine");
    expect(readFileSync(path, "utf8")).toBe(edited);
    expect((await setup(["--mode", "legacy", "--yes", "--overwrite"], { directory })).error).toBeNull();
    expect(readFileSync(`${path}.bak.3`, "utf8")).toContain("mine");
  });

  it("reports a consumer's file that has become useless, and puts it aside only when told to", async () => {
    const directory = makeFolder({ "env/.env.hybrid-consumer": "KAFKA_ENABLED=true\n" });
    const words = [
      "--mode",
      "legacy",
      "--db-host=h",
      "--db-port=1",
      "--db-name=n",
      "--db-user=u",
      "--sslmode=require",
    ];
    const left = await setup([...words, "--no-db-password"], { directory });
    expect(left.stderr).toContain("env/.env.hybrid-consumer stays; --overwrite puts it aside");
    expect(existsSync(join(directory, "env/.env.hybrid-consumer"))).toBe(true);
    await setup([...words, "--no-db-password", "--overwrite"], { directory });
    expect(existsSync(join(directory, "env/.env.hybrid-consumer"))).toBe(false);
    expect(existsSync(join(directory, "env/.env.hybrid-consumer.bak"))).toBe(true);
  });

  it("writes nothing in a dry run", async () => {
    const directory = makeFolder();
    for (const mode of ["legacy", "hybrid-kafka", "e2e"]) {
      const { error, stderr } = await setup(["--mode", mode, "--yes", "--dry-run"], { directory });
      expect(error).toBeNull();
      expect(stderr).toContain("(new)");
    }
    expect(existsSync(join(directory, "env"))).toBe(false);
  });

  it("takes the addresses of a local stack that runs", async () => {
    const directory = makeFolder();
    const localStack = () =>
      Promise.resolve({
        brokers: ["127.0.0.1:19092"],
        database: { host: "127.0.0.1", port: 15432, database: "d", user: "u", password: CANARY },
        clusterUrl: "http://127.0.0.1:18001",
      });
    const { stdout, stderr } = await setup(["--mode", "hybrid-kafka", "--yes"], { directory, localStack });
    expect(readFileSync(join(directory, "env/.env.hybrid"), "utf8")).toContain(
      "KAFKA_BROKERS=127.0.0.1:19092\n",
    );
    expect(readFileSync(join(directory, "env/.env.hybrid"), "utf8")).toContain(
      "CLUSTERFLOW_KUBE_SERVER=http://127",
    );
    expect(readFileSync(join(directory, "env/.env.hybrid-consumer"), "utf8")).toContain(
      `PASSWORD=${CANARY}\n`,
    );
    expect(stdout + stderr).not.toContain(CANARY);
  });

  it("keeps its own files' answers with --yes, and tells what it mixes", async () => {
    const directory = makeFolder();
    const words = ["--mode", "hybrid-kafka", "--yes"];
    const stdin = new PassThrough().end(CANARY);
    await setup([...words, "--brokers=k:9092", "--db-host=pg", "--db-password-stdin"], { directory, stdin });
    const again = await setup([...words, "--interval", "5m"], { directory });
    expect([again.error, again.stdout]).toEqual([
      null,
      expect.stringContaining(".env.hybrid-consumer is as it was"),
    ]);
    expect(readFileSync(join(directory, "env/.env.hybrid"), "utf8")).toMatch(/=k:9092\n[^]*INTERVAL=5m\n/);
    expect(again.stdout + again.stderr).not.toContain(CANARY);
    const mixed = await setup([...words, "--brokers=k:9092", "--out-dir=other"], { directory });
    expect(mixed.stderr).toContain("not named, so this machine's: PostgreSQL at localhost:5432");
  });

  it("does not fall back to a consumer's file that stayed behind in mode legacy", async () => {
    const directory = makeFolder({ "env/.env.hybrid-consumer": "DATABASE_HOST=stale\n" });
    const words = ["--mode", "legacy", "--yes", "--no-db-password"];
    await setup([...words, "--db-host", "pg"], { directory });
    expect((await setup(["--mode", "legacy", "--yes", "--interval", "5m"], { directory })).error).toBeNull();
    expect(readFileSync(join(directory, "env/.env.hybrid"), "utf8")).toMatch(/DB_HOST=pg\n[^]*INTERVAL=5m\n/);
  });

  it("reads the password from standard input and shows it nowhere", async () => {
    const directory = makeFolder();
    const stdin = new PassThrough();
    stdin.end(`it's ${CANARY} #1\n`);
    const words = ["--mode", "hybrid-kafka", "--yes", "--db-host", "pg", "--db-password-stdin", "-o", "json"];
    const { stdout, stderr, error } = await setup(words, { directory, stdin });
    expect(error).toBeNull();
    expect(readFileSync(join(directory, "env/.env.hybrid-consumer"), "utf8")).toContain(
      `DATABASE_PASSWORD='it'\\''s ${CANARY} #1'\n`,
    );
    expect(stdout + stderr).not.toContain(CANARY);
  });

  it("refuses an empty standard input, and a terminal there", async () => {
    const directory = makeFolder();
    const words = ["--mode", "legacy", "--yes", "--db-password-stdin"];
    const nothing = await setup(words, { directory, stdin: new PassThrough().end() });
    expect(nothing.error).toMatchObject({
      code: "usage",
      message: expect.stringContaining("found nothing") as string,
    });
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    expect((await setup(words, { directory, stdin })).error).toMatchObject({
      code: "usage",
      message: expect.stringContaining("is a terminal") as string,
    });
  });

  it("puts one JSON document on stdout, with the settings masked and the same setup as a command", async () => {
    const directory = makeFolder();
    const { stdout } = await setup(["--mode", "hybrid-kafka", "--yes", "-o", "json", "--out-dir", "x"], {
      directory,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      mode: "hybrid-kafka",
      dryRun: false,
      files: [
        { path: "x/.env.hybrid", change: "create", backup: null, settings: { KAFKA_ENABLED: "true" } },
        { path: "x/.env.hybrid-consumer", settings: { DATABASE_PASSWORD: "***" } },
      ],
      command: expect.stringContaining("--out-dir x --yes") as string,
      next: ["clusterflow collect -f x/.env.hybrid", expect.anything(), expect.anything()],
    });
  });

  it("comes to the same files when its own command is run again", async () => {
    const directory = makeFolder();
    const first = await setup(
      ["--mode", "hybrid-kafka", "--yes", "--topic", "t", "--interval", "5m", "-o", "json"],
      { directory },
    );
    const { command } = JSON.parse(first.stdout) as { command: string };
    const again = await setup([...command.split(" ").slice(2), "-o", "json"], { directory });
    const { files } = JSON.parse(again.stdout) as { files: { change: string }[] };
    expect(files.map(({ change }) => change)).toEqual(["keep", "keep"]);
  });

  it("tells what in this shell the collector will refuse", async () => {
    const directory = makeFolder();
    const environment = { DATABASE_PASSWORD: CANARY, KAFKA_BROKERS: "k:1" };
    const kafka = await setup(["--mode", "hybrid-kafka", "--yes"], { directory, environment });
    expect(kafka.stderr).toContain(
      "hybrid-kafka refuses what is set in this shell: unset DATABASE_PASSWORD\n",
    );
    const legacy = await setup(["--mode", "legacy", "--yes"], { directory, environment });
    expect(legacy.stderr).toContain("legacy refuses what is set in this shell: unset KAFKA_BROKERS\n");
    expect(kafka.stderr + kafka.stdout + legacy.stderr + legacy.stdout).not.toContain(CANARY);
  });

  it("says which files git would commit", async () => {
    const directory = makeFolder();
    const { execFileSync } = await import("node:child_process");
    execFileSync("git", ["init"], { cwd: directory, stdio: "ignore" });
    const { stderr } = await setup(["--mode", "legacy", "--yes"], { directory });
    expect(stderr).toContain("add it to .gitignore");
    writeFileSync(join(directory, ".gitignore"), "env/.env.*\n");
    expect((await setup(["--mode", "legacy", "--yes"], { directory })).stderr).not.toContain(".gitignore");
  });
});
