import type { ProbeRecord } from "../../pipeline/judge.ts";
import { isStorable } from "./dead-letters.ts";

/** Probes as the JSON array that the fenced statement takes. */
export function probeRows(probes: readonly ProbeRecord[]): string {
  return JSON.stringify(
    probes.map(({ run, n, way, record: { offset, timestamp } }) => ({
      ...{ run, n, way },
      offset: offset.toString(),
      sent_at: isStorable(timestamp) ? timestamp : null,
    })),
  );
}
