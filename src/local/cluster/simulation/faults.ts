import { Fields, wrong } from "./fields.ts";

const FAULTS = ["403", "410", "429", "503", "slow", "reset", "truncate"] as const;

/** What is to go wrong, for how many requests, and after how many that go right. */
export interface Fault {
  readonly fault: (typeof FAULTS)[number];
  /** Plural name of a kind; null counts any request to the API. */
  readonly resource: string | null;
  readonly times: number;
  readonly skip: number;
  /** With 429 and 503. */
  readonly retryAfterSeconds: number;
  /** With `slow`: how long the answer waits. */
  readonly delayMs: number;
}

/** Only `fault` must be given. Throws `usage`. */
export function parseFault(value: unknown): Fault {
  const fields = new Fields(value, "a fault", [
    "fault",
    "resource",
    "times",
    "skip",
    "retryAfterSeconds",
    "delayMs",
  ]);
  const fault = FAULTS.find((name) => name === fields.text("fault"));
  if (fault === undefined) throw wrong(`a fault is one of ${FAULTS.join(", ")}`);
  return {
    fault,
    resource: fields.optionalText("resource"),
    times: fields.count("times", 1),
    skip: fields.count("skip", 0),
    retryAfterSeconds: fields.count("retryAfterSeconds", 1),
    delayMs: fields.count("delayMs", 1000),
  };
}

/** Faults that wait for their request. Each request takes at most one, the oldest that fits. */
export class Faults {
  #armed: readonly Fault[] = [];

  get armed(): number {
    return this.#armed.length;
  }

  arm(faults: readonly Fault[]): void {
    this.#armed = [...this.#armed, ...faults];
  }

  disarm(): void {
    this.#armed = [];
  }

  /** The fault of a request for a kind (null: for none); counted down by the asking. */
  take(resource: string | null): Fault | null {
    const fault = this.#armed.find((armed) => armed.resource === null || armed.resource === resource);
    if (fault === undefined) return null;
    const isSkipped = fault.skip > 0;
    const next = isSkipped ? { ...fault, skip: fault.skip - 1 } : { ...fault, times: fault.times - 1 };
    this.#armed = this.#armed
      .map((armed) => (armed === fault ? next : armed))
      .filter(({ times }) => times > 0);
    return isSkipped ? null : fault;
  }
}
