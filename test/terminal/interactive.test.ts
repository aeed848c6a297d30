import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { InteractiveTerminal, type TerminalFacts } from "../../src/terminal/interactive.ts";

function terminal(given: Partial<TerminalFacts> = {}): InteractiveTerminal | null {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  return InteractiveTerminal.open({
    stdin,
    stderr,
    environment: {},
    isInputWanted: true,
    output: "text",
    ...given,
  });
}

describe("the gate before every prompt", () => {
  it("opens at a terminal", () => {
    expect(terminal()).not.toBeNull();
  });

  it("stays shut when stdin is a pipe or at its end, or when stderr goes elsewhere", () => {
    expect(terminal({ stdin: new PassThrough() })).toBeNull();
    expect(terminal({ stdin: new PassThrough().end() })).toBeNull();
    expect(terminal({ stderr: new PassThrough() })).toBeNull();
  });

  it.each(["1", "true", "TRUE", "yes", "woodpecker"])("stays shut with CI=%s", (CI) => {
    expect(terminal({ environment: { CI } })).toBeNull();
  });

  it.each(["", "0", "false", "False", "no", "off"])("opens with CI=%s, which says that it is none", (CI) => {
    expect(terminal({ environment: { CI } })).not.toBeNull();
  });

  it("stays shut with --no-input, with JSON on stdout and on a dumb terminal", () => {
    expect(terminal({ isInputWanted: false })).toBeNull();
    expect(terminal({ output: "json" })).toBeNull();
    expect(terminal({ environment: { TERM: "dumb" } })).toBeNull();
  });
});
