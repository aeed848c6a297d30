import type { Tell } from "../core/report.ts";

/** What every flow is handed besides its settings. */
export interface FlowRun {
  readonly tell: Tell;
  /** Fires when the person or the supervisor wants the flow to end. */
  readonly signal: AbortSignal;
  /** The process's environment, for what is not a setting: exec plugins and the service account's address. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
