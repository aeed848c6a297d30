import type { OutgoingMessage } from "../streams/define.ts";
import type { RawRecord } from "./ports.ts";

/** What marks a record as a probe: `<uuid of the run>/<number>`. Clients of the gateway send it under the same name. */
export const PROBE_HEADER = "clusterflow-probe";
const WAY_HEADER = "clusterflow-probe-way";

export type ProbeWay = "http" | "kafka";

/** A record that `verify --live` sent, to see that it comes through. It is no row of any table of the stream. */
export interface Probe {
  readonly run: string;
  readonly n: number;
  readonly way: ProbeWay;
}

const MARK = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/([1-9][0-9]{0,8})$/;

/** Null for what is no probe's mark. */
export function readProbeMark(mark: string): Pick<Probe, "run" | "n"> | null {
  const [, run, n] = MARK.exec(mark) ?? [];
  return run === undefined ? null : { run, n: Number(n) };
}

/** The probe that a record is; null for all others, and for a mark that is none: that one is a record like any. */
export function probeOf({ headers }: Pick<RawRecord, "headers">): Probe | null {
  const mark = valueOf(headers, PROBE_HEADER);
  const read = mark === null ? null : readProbeMark(mark);
  if (read === null) return null;
  return { ...read, way: valueOf(headers, WAY_HEADER) === "http" ? "http" : "kafka" };
}

export function isProbe({ headers }: OutgoingMessage): boolean {
  return headers[PROBE_HEADER] !== undefined;
}

/** The key spreads probes over the partitions; in a compacted topic those of the next run take their place. */
export function probeMessage({ run, n, way }: Probe): OutgoingMessage {
  return {
    key: `clusterflow-probe-${n}`,
    value: JSON.stringify({ "clusterflow-probe": `${run}/${n}` }),
    headers: { [PROBE_HEADER]: `${run}/${n}`, [WAY_HEADER]: way },
  };
}

function valueOf(headers: RawRecord["headers"], wanted: string): string | null {
  for (const [name, value] of headers) if (name === wanted) return value?.toString("latin1") ?? "";
  return null;
}
