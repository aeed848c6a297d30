import { expect, it } from "vitest";
import { COMMANDS } from "../src/commands/index.ts";
import { runCli } from "./support/cli.ts";

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
