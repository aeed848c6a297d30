import { once } from "node:events";
import { existsSync, symlinkSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { platform } from "node:process";
import { describe, expect, it } from "vitest";
import { makeEphemeralFolder } from "../../src/local/folders.ts";
import { defaultStackOptions } from "../../src/local/stack-options.ts";
import { startStack, type StartedStack } from "../../src/local/start-stack.ts";

const silent = (): void => undefined;

async function usingFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await makeEphemeralFolder("clusterflow-start-");
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A start that cannot succeed: the port it wants belongs to this test. */
async function startOnTakenPort(dataDir: string): Promise<StartedStack> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const ports = { postgres: (server.address() as AddressInfo).port, kafka: null, cluster: null };
  try {
    return await startStack({ ...defaultStackOptions(process.env), dataDir, ports }, silent);
  } finally {
    server.close();
  }
}

describe("a start in a folder that cannot be used", () => {
  const start = (dataDir: string): Promise<StartedStack> =>
    startStack({ ...defaultStackOptions(process.env), dataDir }, silent);
  const sentence = (message: string) => ({
    code: "usage",
    message,
    hint: expect.stringContaining("--data-dir") as unknown,
  });

  it("says that a file is in the way", async () => {
    await using folder = await usingFolder();
    symlinkSync("/dev/null", join(folder.path, "file"));
    for (const dataDir of [join(folder.path, "file"), join(folder.path, "file/x/y")]) {
      await expect(start(dataDir)).rejects.toMatchObject(
        sentence(`${dataDir} cannot be a folder: it is a file, or lies below one.`),
      );
    }
  });

  it.runIf(platform === "linux")("says that the system makes none there", async () => {
    await expect(start("/proc/clusterflow-test")).rejects.toMatchObject(
      sentence("/proc/clusterflow-test cannot be made: the file system there takes no folders."),
    );
    await expect(start("/sys/clusterflow-test")).rejects.toMatchObject(
      sentence("/sys/clusterflow-test may not be read or written by this user."),
    );
  });
});

describe("a start that fails before anything was started", () => {
  it("leaves none of the folders that it made", async () => {
    await using folder = await usingFolder();
    const outer = join(folder.path, "a");
    await expect(startOnTakenPort(join(outer, "b"))).rejects.toThrow("is taken by");
    expect(existsSync(outer)).toBe(false);
  });

  it("leaves a folder that was there, empty as it was", async () => {
    await using folder = await usingFolder();
    const dataDir = join(folder.path, "mine");
    await mkdir(dataDir);
    await expect(startOnTakenPort(dataDir)).rejects.toThrow("is taken by");
    expect(await readdir(dataDir)).toEqual([]);
  });

  it("leaves no state either, when a program is missing", async () => {
    await using folder = await usingFolder();
    const dataDir = join(folder.path, "a");
    const options = { ...defaultStackOptions({ ...process.env, PATH: "", JAVA_HOME: "" }), dataDir };
    await expect(startStack(options, silent)).rejects.toThrow("Java was not found");
    expect(existsSync(dataDir)).toBe(false);
  });
});
