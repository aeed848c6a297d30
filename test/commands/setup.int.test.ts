import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeFolder } from "../config/make-input.ts";
import { runCli } from "../support/cli.ts";

const PROGRAM = resolve(import.meta.dirname, "../../bin/clusterflow.js");

/** The process's own streams, where the prompt library would end it without a word or wait for ever. */
function start(command: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(command, words, { env: { PATH, HOME, TERM: "xterm", ...env }, cwd: makeFolder() });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { text: "" };
  const saidSomething = (): Promise<unknown> => once(child.stdout, "data");
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => (said.text += bytes.toString()));
  }
  return { child, said, saidSomething };
}

/** On a terminal: util-linux's `script` gives the child one and hands on its exit status. */
function startOnTerminal(env: Readonly<Record<string, string>> = {}) {
  const command = `stty cols 100 rows 30; exec ${process.execPath} ${PROGRAM} setup --data-dir ./none`;
  return start("script", ["-qefc", command, "/dev/null"], env);
}

async function statusOf(child: ChildProcess): Promise<number | null> {
  const [status] = (await once(child, "close")) as [number | null];
  return status;
}

describe("setup as a process", () => {
  it("ends with status 2 and names the flag when standard input is at its end", async () => {
    const { status, stderr } = await runCli(["setup"]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("--mode is missing")]);
  });

  it("does not wait for a pipe that stays open", async () => {
    const { child, said } = start(process.execPath, [PROGRAM, "setup"]);
    expect(await statusOf(child)).toBe(2);
    expect(said.text).toContain("--mode is missing");
  });

  it.each(["1", "true"])("asks nothing on a terminal with CI=%s", async (CI) => {
    const { child, said } = startOnTerminal({ CI });
    expect(await statusOf(child)).toBe(2);
    expect(said.text).toContain("--mode is missing");
  });

  it("asks on a terminal, and ends with 130 at Ctrl-C", async () => {
    const { child, said, saidSomething } = startOnTerminal();
    while (!said.text.includes("What shall be set up?")) await saidSomething();
    child.stdin.write("\u0003");
    expect(await statusOf(child)).toBe(130);
    expect(said.text).toContain("nothing was written");
  });
});
