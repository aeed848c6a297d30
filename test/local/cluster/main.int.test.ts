import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { simulatedCluster } from "../../support/simulated-cluster.ts";

const PROGRAM = resolve(import.meta.dirname, "../../../dist/local/cluster/main.js");

interface Standing {
  readonly revision: string;
  readonly peakMemoryBytes: number;
}

async function standing(url: string): Promise<Standing> {
  return (await (await fetch(`${url}/simulator`)).json()) as Standing;
}

/** Reads a list without limit to its end and keeps none of it; answers its size in bytes. */
async function drain(url: string): Promise<number> {
  const { body } = await fetch(url);
  let bytes = 0;
  for await (const chunk of body!) bytes += (chunk as Uint8Array).length;
  return bytes;
}

describe("the simulated server as a program", () => {
  it("serves a hundred thousand objects in less memory than a tenth of them would take", async () => {
    await using server = await simulatedCluster(["--objects", "100000"]);
    const bytes = await drain(`${server.url}/api/v1/pods`);
    await drain(`${server.url}/apis/apps/v1/replicasets`);
    expect(bytes).toBeGreaterThan(300e6);
    // 160 MB measured, of which 60 MB are Node itself
    expect((await standing(server.url)).peakMemoryBytes).toBeLessThan(260e6);
  });

  it("lives when told to", async () => {
    await using server = await simulatedCluster(["--objects", "100", "--churn", "500"]);
    const before = Number((await standing(server.url)).revision);
    await expect.poll(async () => Number((await standing(server.url)).revision)).toBeGreaterThan(before + 20);
  });

  it("ends on SIGTERM with status 0, also while it lives and somebody is connected", async () => {
    const child = spawn(process.execPath, [PROGRAM, "--churn", "10"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    expect((await fetch(`${url}/readyz`)).status).toBe(200); // fetch keeps the connection
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("says which address is taken, in one sentence, and ends with status 2", async () => {
    await using server = await simulatedCluster([]);
    const { port } = new URL(server.url);
    const child = spawn(process.execPath, [PROGRAM, "--port", port], { stdio: ["ignore", "ignore", "pipe"] });
    const [said, [status]] = await Promise.all([
      text(child.stderr),
      once(child, "exit") as Promise<[number]>,
    ]);
    expect(status).toBe(2);
    expect(said).toMatch(
      new RegExp(`^Nothing can listen at 127.0.0.1:${port}: .*\n--port 0 takes any free port\n$`),
    );
  });

  it("ends with status 2 and its usage when it is started wrongly", async () => {
    const child = spawn(process.execPath, [PROGRAM, "--objects", "lots"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const [said, [status]] = await Promise.all([
      text(child.stderr),
      once(child, "exit") as Promise<[number]>,
    ]);
    expect(status).toBe(2);
    expect(said).toContain('--objects is a whole number from 1 to 10000000, not "lots"');
    expect(said).toContain("--deny KIND,KIND");
  });
});
