import { ClusterflowError } from "../../../src/core/errors.ts";
import type { Asker } from "../../../src/config/setup/asker.ts";

/** `Enter` takes what is offered; `Ctrl-C` leaves; anything else is the answer. */
export type Reply = string | boolean;
export const ENTER = "<Enter>";
export const CTRL_C = "<Ctrl-C>";

/**
 * A person who answers by the beginning of the question, and presses Enter at all others. Like the real prompts it
 * does not take an answer that does not fit.
 */
export class ScriptedAsker implements Asker {
  readonly asked: string[] = [];
  readonly #replies: Readonly<Record<string, Reply>>;

  constructor(replies: Readonly<Record<string, Reply>> = {}) {
    this.#replies = replies;
  }

  choose: Asker["choose"] = (question, choices, initial) => {
    const reply = this.#reply(question);
    const chosen = reply === ENTER ? initial : choices.find(({ value }) => value === reply)?.value;
    if (chosen === undefined) throw new Error(`${String(reply)} is not offered at "${question}"`);
    return Promise.resolve(chosen);
  };

  text: Asker["text"] = (question, initial, complaint) => {
    const reply = this.#reply(question);
    const text = reply === ENTER ? initial : String(reply);
    const trouble = complaint(text);
    if (trouble !== null) throw new Error(`"${text}" at "${question}": ${trouble}`);
    return Promise.resolve(text);
  };

  secret: Asker["secret"] = (question) => Promise.resolve(String(this.#reply(question)));

  confirm: Asker["confirm"] = (question, initial) => {
    const reply = this.#reply(question);
    return Promise.resolve(typeof reply === "boolean" ? reply : initial);
  };

  #reply(question: string): Reply {
    this.asked.push(question);
    const key = Object.keys(this.#replies).find((beginning) => question.startsWith(beginning));
    const reply = key === undefined ? ENTER : (this.#replies[key] ?? ENTER);
    if (reply === CTRL_C) throw new ClusterflowError("left", { code: "interrupted" });
    return reply;
  }
}
