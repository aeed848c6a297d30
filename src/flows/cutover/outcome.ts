import { nextCommand, type State, type Step } from "../../pipeline/cutover/states.ts";

/** What a step came to. */
export interface Outcome {
  readonly stream: string;
  readonly step: Step;
  readonly state: State;
  /** One sentence. */
  readonly did: string;
  /** The next command line; null when nothing is left to do. */
  readonly next: string | null;
  /** `partial`: something of it could not be done, and the sentence says what. */
  readonly code: "done" | "partial" | "wrong" | "timeout";
}

export function outcome(
  step: Step,
  { stream, state }: { readonly stream: string; readonly state: State },
  did: string,
  rest: Partial<Pick<Outcome, "next" | "code">> = {},
): Outcome {
  return { stream, step, state, did, next: nextCommand(state, stream), code: "done", ...rest };
}
