import { ClusterflowError } from "../../core/errors.ts";
import type { GatewayObserved } from "./gateway-observed.ts";
import type { Intake, IncomingEvent, Receipt, User } from "./ports.ts";
import type { PostedRecord } from "./record.ts";
import type { Tally } from "./tally.ts";

/** Who takes events, for whom, and who counts them. */
export interface Taking {
  readonly intake: Intake;
  readonly by: User;
  readonly observed: GatewayObserved;
  readonly signal: AbortSignal;
}

/** Gives the good records to the intake, in one call, and adds what became of each to the tally. */
export async function takeRecords(
  records: readonly PostedRecord[],
  tally: Tally,
  taking: Taking,
): Promise<void> {
  const events = records.filter((record) => record.kind === "event");
  const receipts = (await receiptsOf(events, taking)).values();
  for (const record of records) {
    const receipt = record.kind === "event" ? receipts.next().value : refusal(record);
    if (receipt === undefined) throw new Error("the intake gave fewer receipts than it got events");
    taking.observed.sawRecord(receipt);
    tally.add(record, receipt);
  }
}

/** A broken intake is an outage: which of its events it took is unknown, and posting them again is safe. */
export async function receiptsOf(
  events: readonly IncomingEvent[],
  { intake, by, signal }: Taking,
): Promise<readonly Receipt[]> {
  if (events.length === 0) return [];
  try {
    return await intake.take(events, by, signal);
  } catch (error) {
    if (!isOutage(error, signal)) throw error;
    return events.map(() => ({ kind: "unavailable", retryAfterS: 1, reason: "not safely down in time" }));
  }
}

export function isOutage(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true;
  if (!(error instanceof ClusterflowError)) return false;
  return error.retryable || error.code === "unreachable" || error.code === "timeout";
}

function refusal({ field, reason }: PostedRecord & { kind: "fault" }): Receipt {
  return { kind: "refused", field, reason };
}
