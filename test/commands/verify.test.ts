import { describe, expect, it } from "vitest";
import { CommanderError } from "commander";
import { verifyCommand } from "../../src/commands/verify.ts";

async function parse(...words: string[]): Promise<unknown> {
  const command = verifyCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return command.parseAsync(words, { from: "user" }).catch((error: unknown) => error);
}

describe("verify refuses", () => {
  it.each([
    [["--snapshot", "latest"], "--snapshot is no snapshot id"],
    [["--wait", "soon"], "--wait is no duration"],
  ])("%j", async (words, message) => {
    expect(await parse(...words)).toMatchObject({
      code: "usage",
      message,
      hint: expect.stringMatching(/./) as string,
    });
  });

  it.each([[["--all", "--snapshot", "0b8f4a6e-5c1d-4f0e-9a52-3f1f3f7d2c11"]], [["--mode", "kafka"]]])(
    "%j before anything is read",
    async (words) => {
      expect(await parse(...words)).toBeInstanceOf(CommanderError);
    },
  );
});
