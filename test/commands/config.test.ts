import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { configCommand } from "../../src/commands/config.ts";
import { makeFolder } from "../config/make-input.ts";

const CANARY = "canary-3b90";

let said = { stdout: "", stderr: "" };

beforeEach(() => {
  said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    });
  }
  const names = Object.keys(process.env).filter((name) =>
    /^(KAFKA|DB|DATABASE|POSTGRES|PG|CLUSTERFLOW|KUBE|LOG)_?/.test(name),
  );
  for (const name of names) vi.stubEnv(name, undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

async function config(words: readonly string[], files: Readonly<Record<string, string>>): Promise<unknown> {
  vi.spyOn(process, "cwd").mockReturnValue(makeFolder(files));
  return configCommand()
    .parseAsync(words, { from: "user" })
    .then(() => null)
    .catch((error: unknown) => error);
}

const CONSUMER = {
  "env/.env.hybrid-consumer": `KAFKA_TOPIC=t\nDB_NAME=n\nDB_USER=u\nDB_PASSWORD=${CANARY}\n`,
};

describe("config show", () => {
  it("shows every setting of a role with its origin, secrets masked", async () => {
    expect(await config(["show", "--role", "consumer", "--origin", "--group", "g"], CONSUMER)).toBeNull();
    expect(said.stdout).toMatch(/^SETTING +VALUE +ORIGIN$/m);
    expect(said.stdout).toMatch(/^KAFKA_TOPIC +t +KAFKA_TOPIC in env\/\.env\.hybrid-consumer:1$/m);
    expect(said.stdout).toMatch(/^KAFKA_GROUP_ID +g +--group$/m);
    expect(said.stdout).toMatch(/^DATABASE_PASSWORD +\*\*\* +DB_PASSWORD in/m);
    expect(said.stdout).not.toContain(CANARY);
    expect(process.exitCode).toBeUndefined();
  });

  it("names the stream that the gateway serves, with its topic, and the one that consume reads", async () => {
    const files = {
      "env/.env.ingest": "KAFKA_ENABLED=true\nJWT_SECRET=0123456789abcdef0123456789abcdef\n",
      "env/.env.hybrid-consumer": "DB_NAME=n\nDB_USER=u\nKAFKA_TOPIC=cluster-info\n",
    };
    await config(["show", "--role", "ingest", "--origin"], files);
    expect(said.stdout).toMatch(/^CLUSTERFLOW_STREAM +quiz-events +default$/m);
    expect(said.stdout).toMatch(/^KAFKA_TOPIC +quiz-events +the stream's topic$/m);
    expect(process.exitCode).toBeUndefined();
    said.stdout = "";
    await config(["show", "--role", "consumer", "--stream", "quiz-events", "--origin"], files);
    expect(said.stdout).toMatch(/^CLUSTERFLOW_STREAM +quiz-events +--stream$/m);
    expect(said.stdout).toMatch(/^KAFKA_TOPIC +quiz-events +the stream's topic$/m);
    expect(said.stdout).toMatch(/^KAFKA_GROUP_ID +\S+ +the stream's group$/m);
    expect(said.stderr).toContain("which belongs to another stream, and is not used for quiz-events");
    const older = { "env/.env.hybrid-consumer": "DB_NAME=n\nDB_USER=u\nKAFKA_TOPIC=mykart-clicks\n" };
    await config(["show", "--role", "consumer", "--stream", "quiz-events"], older);
    expect(said.stderr).toContain("is mykart-clicks, which belongs to another stream");
  });

  it("shows what it can where the stream is none, and says so", async () => {
    await config(["show", "--role", "consumer", "--stream", "quiz-event"], CONSUMER);
    expect(said.stdout).toMatch(/^KAFKA_TOPIC +t$/m);
    expect(said.stderr).toContain("there is no stream quiz-event; did you mean quiz-events?");
    expect(process.exitCode).toBe(2);
    const refused = await config(["validate", "--role", "consumer", "--stream", "quiz-event"], CONSUMER);
    expect(refused).toMatchObject({ code: "usage" });
  });

  it("is one JSON document", async () => {
    await config(["show", "--role", "consumer", "-o", "json"], CONSUMER);
    expect(JSON.parse(said.stdout)).toMatchObject({ ok: true, role: "consumer", problems: [] });
    expect(said.stdout).not.toContain(CANARY);
  });

  it("shows the values also when some are wrong, and ends with 2", async () => {
    const files = { "env/.env.hybrid": "KAFKA_ENABLED=true\nKAFKA_BROKERS=x\n" };
    expect(await config(["show"], files)).toBeNull();
    expect(said.stdout).toMatch(/^KAFKA_BROKERS +x$/m);
    expect(said.stderr).toContain("FAIL KAFKA_BROKERS in env/.env.hybrid:2");
    expect(process.exitCode).toBe(2);
  });
});

describe("a settings file", () => {
  it.each([
    ["-f", "last"],
    ["--settings", "last"],
    ["--env-file", "last"],
  ])("is named with %s, and the last one counts most", async (flag, last) => {
    const files = { first: "KAFKA_TOPIC=from-first\n", [last]: "KAFKA_TOPIC=from-last\n" };
    await config(["show", "--role", "consumer", "--env-file", "first", flag, last], files);
    expect(said.stdout).toMatch(/^KAFKA_TOPIC +from-last$/m);
    await config(["show", "--role", "consumer", flag, last, "-f", "first"], files);
    expect(said.stdout).toMatch(/^KAFKA_TOPIC +from-first$/m);
  });
});

describe("config validate", () => {
  it("says OK when everything fits", async () => {
    expect(await config(["validate", "--role", "database"], CONSUMER)).toBeNull();
    expect(said.stdout).toBe("OK: the settings of the role database are complete and fit\n");
  });

  it("fails with everything that is wrong", async () => {
    const files = { other: `KAFKA_ENABLED=true\nDB_PASSWORD=${CANARY}\n` };
    const error = await config(["validate", "--env-file", "other"], files);
    expect(error).toMatchObject({
      code: "usage",
      message: expect.stringContaining("DB_PASSWORD in other, line 2") as string,
    });
    expect(JSON.stringify(error)).not.toContain(CANARY);
  });
});
