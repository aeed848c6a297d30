import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { endServer } from "../../src/local/end-server.ts";
import { launchServer, type Launch } from "../../src/local/launch-server.ts";
import { choosePort } from "../../src/local/ports.ts";
import { isRunning } from "../../src/machine/process-identity.ts";
import { postgresNotReady } from "../../src/local/postgres-probe.ts";
import type { ServerRecord } from "../../src/local/state.ts";
import { temporaryFolder } from "../support/cli.ts";

const { signal } = new AbortController();

/** Something that answers a session's beginning as PostgreSQL does. */
const LISTEN = `require("node:net")
  .createServer((socket) => socket.on("error", () => {}).end("R\\0\\0\\0\\x08\\0\\0\\0\\0"))
  .listen(Number(process.argv[1]), "127.0.0.1");`;

async function launchOf(folder: string, script: string, changes: Partial<Launch> = {}): Promise<Launch> {
  const port = await choosePort(
    { server: "Test", hint: "", forced: null, before: null, usual: null },
    new Set(),
  );
  return {
    ...{ name: "postgres", kind: "postgres", port, node: 1, title: "PostgreSQL 18.4", version: "18.4" },
    ...{ log: join(folder, "server.log"), cwd: folder, environment: {}, user: null, passing: null },
    file: process.execPath,
    args: ["-e", script, String(port)],
    portHint: "try again",
    prepare: () => Promise.resolve(),
    whyNotReady: () => postgresNotReady(port, 1000),
    ...changes,
  };
}

describe("starting a server", () => {
  it("records its process at once, and again when it has answered", async () => {
    await using folder = await temporaryFolder();
    const records: ServerRecord[] = [];
    await launchServer(await launchOf(folder.path, LISTEN), (record) => records.push(record), signal);
    const [begun, ready] = records;
    expect(records).toHaveLength(2);
    expect(begun).toMatchObject({ name: "postgres", version: "18.4", readyAfterMs: null });
    expect(ready).toEqual({ ...begun, readyAfterMs: expect.any(Number) as unknown });
    expect(isRunning(ready!)).toBe(true);
    expect(await endServer(ready!)).toBe(true);
    expect(await endServer(ready!)).toBe(false);
  });

  it.each([
    [
      "console.error('out of luck'); process.exit(3)",
      "unexpected",
      /ended while it was starting \(exit status 3\).*\n {2}out of luck$/s,
    ],
    [
      "process.kill(process.pid, 'SIGKILL')",
      "unexpected",
      /ended while it was starting \(SIGKILL\)\. It wrote nothing\.$/,
    ],
    [
      "console.error('write: No space left on device'); process.exit(1)",
      "unexpected",
      /^The disk that holds .* is full\.$/,
    ],
    [
      "console.error('bind: Address already in use'); process.exit(1)",
      "usage",
      /^Port \d+ of 127\.0\.0\.1, wanted for PostgreSQL 18\.4, is taken by /,
    ],
  ])("that ends with %j is told with its cause", async (script, code, message) => {
    await using folder = await temporaryFolder();
    await folder.write("server.log", "words of an earlier start\n");
    const launching = launchServer(await launchOf(folder.path, script), () => undefined, signal);
    await expect(launching).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
    });
    await expect(launching).rejects.not.toThrow("earlier start");
  });

  it("that cannot be run at all is told with the file", async () => {
    await using folder = await temporaryFolder();
    const launch = await launchOf(folder.path, LISTEN, { file: "/nonexistent/postgres" });
    await expect(launchServer(launch, () => undefined, signal)).rejects.toThrow(
      "PostgreSQL 18.4 could not be started: /nonexistent/postgres does not run on this system.",
    );
  });

  it("is tried again when its last words are those of something that passes", async () => {
    await using folder = await temporaryFolder();
    const once = `const { existsSync, writeFileSync } = require("node:fs");
      if (!existsSync("again")) { writeFileSync("again", ""); console.error("still in use"); process.exit(1); }
      ${LISTEN}`;
    const records: ServerRecord[] = [];
    const launch = await launchOf(folder.path, once, { passing: /still in use/ });
    await launchServer(launch, (record) => records.push(record), signal);
    expect(existsSync(join(folder.path, "again"))).toBe(true);
    expect(new Set(records.map(({ pid }) => pid)).size).toBe(2);
    await endServer(records.at(-1)!);
  });

  it("does not begin on a port that was taken meanwhile", async () => {
    await using folder = await temporaryFolder();
    const launch = await launchOf(folder.path, LISTEN);
    const other = createServer().listen(launch.port, "127.0.0.1");
    await once(other, "listening");
    await expect(launchServer(launch, () => undefined, signal)).rejects.toMatchObject({
      message: expect.stringContaining(`Port ${launch.port} `) as unknown,
      hint: "try again",
    });
    other.close();
    expect(existsSync(launch.log)).toBe(false);
  });

  it("stops waiting when it is told to, with the process on record", async () => {
    await using folder = await temporaryFolder();
    const stop = new AbortController();
    const records: ServerRecord[] = [];
    const launch = await launchOf(folder.path, "setInterval(() => {}, 1000)", {
      whyNotReady: () => {
        stop.abort(new Error("enough"));
        return Promise.resolve("still starting");
      },
    });
    await expect(launchServer(launch, (record) => records.push(record), stop.signal)).rejects.toThrow(
      "enough",
    );
    expect(records).toHaveLength(1);
    expect(await endServer(records[0]!)).toBe(true);
  });
});
