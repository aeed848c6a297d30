import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../src/commands/index.ts";
import { runCli, startCli, temporaryFolder, type CliResult } from "./support/cli.ts";

const PROGRAM = resolve(import.meta.dirname, "../bin/clusterflow.js");
const run = promisify(execFile);

/** A database and a broker at which nobody listens. */
const NOWHERE = {
  ...{ KAFKA_BROKERS: "127.0.0.1:1", DATABASE_HOST: "127.0.0.1", DATABASE_PORT: "1" },
  ...{ DATABASE_NAME: "n", DATABASE_USER: "u", DATABASE_PASSWORD: "p", DATABASE_SSLMODE: "disable" },
};

interface Failure {
  readonly ok: boolean;
  readonly exit: number;
  readonly error: { readonly code: string; readonly message: string; readonly suggestion: string | null };
}

function documentOf({ stdout }: Pick<CliResult, "stdout">): Failure {
  return JSON.parse(stdout) as Failure;
}

describe("whoever asks for JSON", () => {
  it.each([
    [["collect", "--nonsense", "-o", "json"], "unknown option '--nonsense'"],
    [["collect", "-ojson", "--mode"], "option '--mode <mode>' argument missing"],
    [["consume", "-qo", "json", "--quite"], "(Did you mean --quiet?)"],
    [["streams", "list", "more", "--output", "json"], "too many arguments for 'list'"],
    [["config", "show", "--role", "cook", "--output=json"], "Allowed choices are collector, consumer"],
    [["config", "-o", "json"], "unknown option '-o'"],
    [["cosume", "-o", "json"], "(Did you mean consume?)"],
    [["local", "env", "--format", "json", "--nonsense"], "unknown option '--nonsense'"],
  ])("gets one document for the mistake in %j", async (words, message) => {
    const result = await runCli(words);
    expect(result).toMatchObject({ status: 2, stderr: "" });
    const { ok, exit, error } = documentOf(result);
    expect({ ok, exit, code: error.code }).toEqual({ ok: false, exit: 2, code: "usage" });
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/^error:/);
    expect(error.suggestion).toMatch(/^clusterflow .*--help$/);
  });

  it("gets one when a signal comes while the settings are still being read", async () => {
    await using folder = await temporaryFolder();
    const fifo = join(folder.path, "slow.env");
    await run("mkfifo", [fifo]);
    const child = startCli(["consume", "--until-end", "-o", "json", "-f", fifo], { env: NOWHERE });
    const ending = endOf(child);
    const writer = await open(fifo, "w"); // opens when the other side reads
    child.kill("SIGINT");
    await writer.close();
    const result = await ending;
    expect(result.status).toBe(130);
    expect(documentOf(result)).toMatchObject({ ok: false, exit: 130, error: { code: "interrupted" } });
  });

  it("gets one when a second signal ends the process at once", async () => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1"); // takes connections and says nothing
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const child = startCli(["consume", "-o", "json"], { env: { ...NOWHERE, DATABASE_PORT: String(port) } });
    const ending = endOf(child);
    await once(server, "connection");
    const begun = Date.now();
    child.kill("SIGTERM");
    await new Promise((done) => setTimeout(done, 300));
    child.kill("SIGTERM");
    const result = await ending;
    server.close();
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(result.status).toBe(143);
    expect(documentOf(result)).toMatchObject({ ok: false, exit: 143, error: { code: "interrupted" } });
  });
});

describe("what nobody caught", () => {
  it.each([
    ["is thrown from an event", "throw new Error('nobody caught this')"],
    ["is rejected and never awaited", "void Promise.reject(new Error('nobody caught this'))"],
  ])("ends the process with status 1 and is said once when it %s", async (_, fault) => {
    const code = `process.once("SIGUSR2", () => { ${fault} })`;
    const nodeArguments = ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
    const child = startCli(["consume", "--http", "0"], { env: NOWHERE, nodeArguments });
    let stderr = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      const isFirst = !stderr.includes("health and metrics");
      stderr += bytes.toString();
      if (isFirst && stderr.includes("health and metrics")) child.kill("SIGUSR2"); // in the middle of its work
    });
    expect(await once(child, "close")).toEqual([1, null]);
    expect(stderr.match(/^error: nobody caught this$/gm)).toHaveLength(1);
  });
});

describe("a mistake on the command line", () => {
  it("is one sentence and where the help is", async () => {
    const { status, stdout, stderr } = await runCli(["config", "show", "--nonsense"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(
      /^error: unknown option '--nonsense'\n {2}next: (npx )?clusterflow config show --help\n$/,
    );
  });

  it("is answered with the help when no command is named", async () => {
    expect((await runCli([])).stderr).toMatch(/^Usage: clusterflow/);
    expect((await runCli(["config"])).stderr).toMatch(/^Usage: clusterflow config/);
    expect(await runCli(["--help"])).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("a flag without a value", () => {
  it.each([
    [["consume", "--topic", ""], "--topic", "clusterflow consume --help"],
    [["ingest", "--stream="], "--stream", "clusterflow ingest --help"],
    [["verify", "--db-name", "  "], "--db-name", "clusterflow verify --help"],
    [["config", "show", "-f", ""], "--settings", "clusterflow config show --help"],
    [["topic", "list", "--brokers="], "--brokers", "clusterflow topic list --help"],
    [["users", "add", "--role", "writer", "--email", ""], "--email", "clusterflow users add --help"],
    [["demo", "quiz", "--url", ""], "--url", "clusterflow demo quiz --help"],
  ])("is refused: %j", async (words, flag, suggestion) => {
    const result = await runCli([...words, "-o", "json"], { env: NOWHERE });
    expect(result.status).toBe(2);
    const message = `${flag} is given without a value: give it one, or leave it out`;
    expect(documentOf(result)).toMatchObject({ ok: false, exit: 2, error: { message, suggestion } });
  });
});

describe("LOG_FORMAT=json", () => {
  const linesOf = (stderr: string): Record<string, unknown>[] =>
    stderr
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("makes every line a document, the last one too, and no level a word of a message", async () => {
    const env = { ...NOWHERE, LOG_FORMAT: "json", KAFKA_TOPICC: "x" };
    const { status, stderr } = await runCli(["consume", "--give-up-after", "1s"], { env });
    expect(status).toBe(3);
    const lines = linesOf(stderr);
    expect(lines.map(({ level }) => level)).toEqual(["info", "warn", "error"]);
    expect(lines.at(-1)).toMatchObject({ code: "unreachable", suggestion: expect.any(String) as string });
    expect(lines.map(({ message }) => message).join("\n")).not.toMatch(/WARN|error:/);
  });

  it.each([[["config", "--nonsense"]], [["config"]], [["collect", "--page-size", "x"]]])(
    "also of what is wrong with %j",
    async (words) => {
      const { status, stderr } = await runCli(words, { env: { LOG_FORMAT: "json" } });
      expect(status).toBe(2);
      expect(linesOf(stderr)).toMatchObject([{ level: "error", code: "usage" }]);
    },
  );

  it("counts from a settings file of which another line is wrong", async () => {
    await using folder = await temporaryFolder();
    const file = await folder.write("x.env", "LOG_FORMAT=json\nKAFKA_ENABLED=perhaps\n");
    const { stderr } = await runCli(["collect", "-f", file]);
    expect(linesOf(stderr)).toMatchObject([{ level: "error", code: "usage" }]);
  });

  it("says only what ended it with LOG_LEVEL=error", async () => {
    const env = { ...NOWHERE, LOG_FORMAT: "json", LOG_LEVEL: "error" };
    const { stderr } = await runCli(["consume", "--give-up-after", "1s"], { env });
    expect(linesOf(stderr).map(({ level }) => level)).toEqual(["error"]);
  });
});

describe("a stdout that takes nothing", () => {
  it("is one sentence and status 1 when the disk is full", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, ["--", PROGRAM, "streams"], { stdio: ["ignore", full, "pipe"] });
    const { status, stderr } = await endOf(child);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: standard output cannot be written: .*ENOSPC.*\n( {2}next: .*\n)?$/);
  });

  it("is one document in the log for whoever asked for that", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, ["--", PROGRAM, "streams", "-o", "json"], {
      env: { ...process.env, LOG_FORMAT: "json" },
      stdio: ["ignore", full, "pipe"],
    });
    const { status, stderr } = await endOf(child);
    expect(status).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ level: "error" });
  });

  it("ends without a word when its reader has left", async () => {
    const child = startCli(["streams"]);
    child.stdout?.destroy();
    expect(await endOf(child)).toMatchObject({ status: 0, stderr: "" });
  });
});

it("a settings file is not Node's to read, however clusterflow is called", async () => {
  await using folder = await temporaryFolder();
  const evil = await folder.write("evil.cjs", "process.stdout.write('ran')");
  const file = await folder.write("x.env", `KAFKA_TOPIC=mine\nNODE_OPTIONS=--require ${evil}\n`);
  const words = [PROGRAM, "config", "show", "--role", "consumer", "-f", file, "--origin"];
  const { stdout, stderr } = await run(process.execPath, words).catch((error: unknown) => error as CliResult);
  expect(stdout).not.toContain("ran");
  expect(stdout).toMatch(/^KAFKA_TOPIC +mine +KAFKA_TOPIC in .*x\.env:1$/m);
  expect(stderr).toContain("NODE_OPTIONS in");
});

it.each(COMMANDS.map(({ name }) => name))("takes --debug after %s as well as before it", async (name) => {
  const sub = { local: ["status"], config: ["show"] }[name] ?? [];
  const { status, stderr } = await runCli([name, ...sub, "--debug", "--no-such-flag"]);
  expect([status, stderr]).toEqual([2, expect.stringContaining("unknown option '--no-such-flag'")]);
});

it("shows the stack then", async () => {
  for (const words of [
    ["verify", "--debug", "--wait", "soon"],
    ["--debug", "verify", "--wait", "soon"],
  ]) {
    const { status, stderr } = await runCli(words);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/--wait is no duration[^]*\n +at /)]);
  }
});

async function endOf(child: ReturnType<typeof startCli>): Promise<CliResult> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}
