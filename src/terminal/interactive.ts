import type { Readable, Writable } from "node:stream";
import type { Environment } from "../config/env.ts";

export interface TerminalFacts {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Where questions are drawn; stdout is for data. */
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly environment: Environment;
  /** False with `--no-input`. */
  readonly isInputWanted: boolean;
  readonly output: "text" | "json";
}

/** A terminal at which somebody can be asked. Only `interactiveTerminal` makes one, and prompts want one. */
export class InteractiveTerminal {
  readonly input: Readable;
  readonly output: Writable;

  private constructor({ stdin, stderr }: TerminalFacts) {
    this.input = stdin;
    this.output = stderr;
  }

  /**
   * The one gate before every prompt; null when nobody can be asked. The prompt library does not protect itself: at
   * the end of stdin it ends the process without a word, and at an open pipe with CI set it waits for ever.
   */
  static open(facts: TerminalFacts): InteractiveTerminal | null {
    const { stdin, stderr, environment, isInputWanted, output } = facts;
    if (stdin.isTTY !== true || stderr.isTTY !== true) return null;
    if (!isInputWanted || output !== "text") return null;
    if (!/^(|0|false|no|off)$/i.test(environment["CI"] ?? "")) return null;
    return environment["TERM"] === "dumb" ? null : new InteractiveTerminal(facts);
  }
}
