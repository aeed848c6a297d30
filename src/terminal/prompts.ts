import { confirm, password, select, text } from "@clack/prompts";
import type { Asker } from "../config/setup/asker.ts";
import { ClusterflowError } from "../core/errors.ts";
import type { InteractiveTerminal } from "./interactive.ts";

/** Asks at a terminal. Ctrl-C and Escape end in an error with code `interrupted`. */
export function promptsAt(terminal: InteractiveTerminal): Asker {
  const streams = { input: terminal.input, output: terminal.output };
  return {
    async choose(message, choices, initial) {
      const options = choices.map(({ value, label }) => ({ value, label }));
      const chosen = typed(await select<string>({ ...streams, message, options, initialValue: initial }));
      return choices.find(({ value }) => value === chosen)?.value ?? initial;
    },
    async text(message, initial, complaint) {
      // a key pressed ahead of the question can empty the line, and then Enter means what was offered
      const validate = (answer: string | undefined): string | undefined =>
        complaint(answer || initial) ?? undefined;
      return typed(
        await text({ ...streams, message, initialValue: initial, defaultValue: initial, validate }),
      );
    },
    async secret(message) {
      const validate = (answer: string | undefined): string | undefined =>
        answer ? undefined : "nothing was typed";
      return typed(await password({ ...streams, message, validate }));
    },
    async confirm(message, initial) {
      const answer = await confirm({ ...streams, message, initialValue: initial });
      return typeof answer === "symbol" ? leave() : answer;
    },
  };
}

function typed(answer: string | symbol): string {
  return typeof answer === "symbol" ? leave() : answer;
}

function leave(): never {
  throw new ClusterflowError("left without an answer; nothing was written", { code: "interrupted" });
}
