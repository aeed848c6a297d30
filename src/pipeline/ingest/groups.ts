import type { OutgoingMessage } from "../../streams/define.ts";
import type { Outcome, Store } from "./ports.ts";

/** What goes together: more would let those who came first wait for the last of them. */
const GROUP_MESSAGES = 2_000;
const GROUP_BYTES = 4 * 1024 * 1024;

interface Call {
  readonly messages: readonly OutgoingMessage[];
  readonly bytes: number;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that come while others are on their way are the next group. One group at a time: so order holds. */
export class Groups {
  readonly #store: Store;
  #waiting: Call[] = [];
  #pumping: Promise<void> | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  async add(messages: readonly OutgoingMessage[]): Promise<readonly Outcome[]> {
    const bytes = messages.reduce((sum, { value }) => sum + value.length, 0);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ messages, bytes, resolve, reject });
      this.#pumping ??= this.#pump();
    });
  }

  /** Resolves when what was added before is settled. */
  async settled(): Promise<void> {
    await this.#pumping;
  }

  async #pump(): Promise<void> {
    // requests that are read in this turn of the loop belong together
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#storeGroup(this.#takeGroup());
    this.#pumping = null;
  }

  async #storeGroup(group: readonly Call[]): Promise<void> {
    try {
      const outcomes = await this.#store(group.flatMap(({ messages }) => messages));
      let from = 0;
      for (const { messages, resolve } of group) resolve(outcomes.slice(from, (from += messages.length)));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  #takeGroup(): readonly Call[] {
    let count = 0;
    let bytes = 0;
    const tooMany = this.#waiting.findIndex(
      (call) => (count += call.messages.length) > GROUP_MESSAGES || (bytes += call.bytes) > GROUP_BYTES,
    );
    return this.#waiting.splice(0, tooMany === -1 ? this.#waiting.length : Math.max(1, tooMany));
  }
}
