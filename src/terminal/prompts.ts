import { type CANCEL_SYMBOL, confirm, isCancel, password, select, text } from "@clack/prompts";
import type { Asker } from "../config/setup/asker.ts";
import { ClusterflowError } from "../core/errors.ts";
import type { InteractiveTerminal } from "./interactive.ts";

/** Asks at a terminal. Ctrl-C and Escape end in an error with code `interrupted`. */
export function promptsAt(terminal: InteractiveTerminal): Asker {
  const streams = { input: terminal.input, output: terminal.output };
  return {
    choose: async (message, choices, initial) => {
      const options = choices.map(({ value, label, hint }) => ({
        value: value,
        label,
        ...(hint ? { hint } : {}),
      }));
      const chosen = answered(await select<string>({ ...streams, message, options, initialValue: initial }));
      return choices.find(({ value }) => value === chosen)?.value ?? initial;
    },
    text: async (message, initial, complaint) =>
      answered(
        await text({
          ...streams,
          message,
          initialValue: initial,
          validate: (typed) => complaint(typed ?? "") ?? undefined,
        }),
      ),
    secret: async (message) =>
      answered(
        await password({
          ...streams,
          message,
          validate: (typed) => (typed ? undefined : "nothing was typed; Ctrl-C leaves"),
        }),
      ),
    confirm: async (message, initial) =>
      answered(await confirm({ ...streams, message, initialValue: initial })),
  };
}

function answered<T>(answer: T): Exclude<T, typeof CANCEL_SYMBOL> {
  if (!isAbandoned(answer)) return answer;
  throw new ClusterflowError("left without an answer; nothing was written", { code: "interrupted" });
}

function isAbandoned<T>(answer: T): answer is Extract<T, typeof CANCEL_SYMBOL> {
  return isCancel(answer);
}
