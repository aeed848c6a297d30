import type { Report, Tell } from "../core/report.ts";
import type { Observe } from "./observe.ts";

/** An outage of one server, of all that wait for it. */
interface Outage {
  waiters: number;
  readonly reasons: Set<string>;
  /** The last return that one of them told. */
  resumed: Report | null;
}

/**
 * What many tell that wait for the same server, such as the writers of forty partitions, as if they were one: each
 * reason once, and the return when nobody waits any more. All other reports, and all that is observed, go on as they are.
 */
export function tellAsOne(tell: Tell, observe: Observe): { readonly tell: Tell; readonly observe: Observe } {
  const outages = new Map<string, Outage>();
  const outageOf = (server: string): Outage => {
    const found = outages.get(server) ?? { waiters: 0, reasons: new Set(), resumed: null };
    outages.set(server, found);
    return found;
  };
  const end = (server: string): void => {
    const outage = outageOf(server);
    outage.waiters -= 1;
    if (outage.waiters > 0) return;
    outages.delete(server);
    if (outage.resumed !== null) tell(outage.resumed);
  };
  return {
    tell(report) {
      if (report.kind === "resumed") outageOf(report.for).resumed = report;
      else if (report.kind !== "waiting") tell(report);
      else if (!outageOf(report.for).reasons.has(report.reason)) {
        outageOf(report.for).reasons.add(report.reason);
        tell(report);
      }
    },
    observe(sight) {
      observe(sight);
      if (sight.kind === "away") outageOf(sight.server).waiters += 1;
      else if (sight.kind === "back") end(sight.server);
    },
  };
}
