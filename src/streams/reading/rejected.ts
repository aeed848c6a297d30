import type { Decoded } from "../define.ts";

export type Rejected = Extract<Decoded, { kind: "rejected" }>;

/** A verdict on a record; `reason` is one sentence without its full stop. */
export function rejected(reason: string): Rejected {
  return { kind: "rejected", reason };
}
