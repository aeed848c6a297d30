import { assertNever } from "../core/never.ts";
import type { Report, Tell } from "../core/report.ts";
import { formatDuration } from "../core/duration.ts";
import { remark } from "./streams.ts";

export interface TellOptions {
  /** Every batch, and not only what changes. */
  readonly verbose: boolean;
  /** Warnings only. */
  readonly quiet: boolean;
  /** `json`: one document a line, for log collectors. Sentences when left out. */
  readonly format?: "text" | "json";
}

/** Tells everything on stderr, a line each. */
export function tellOnStderr(options: TellOptions): Tell {
  return (report) => {
    if (options.quiet && !isWarning(report)) return;
    if (report.kind === "batch-stored" && !options.verbose) return;
    remark(options.format === "json" ? logLine(report) : sentence(report));
  };
}

function logLine(report: Report): string {
  const level = isWarning(report) ? "warn" : "info";
  const line = { at: new Date().toISOString(), level, message: sentence(report).trim(), ...report };
  return JSON.stringify(line, (_, member: unknown) =>
    typeof member === "bigint" ? member.toString() : member,
  );
}

function isWarning({ kind }: Report): boolean {
  return (
    kind === "waiting" ||
    kind === "resumed" ||
    kind === "record-rejected" ||
    kind === "warning" ||
    kind === "fenced"
  );
}

/** One report as one line; warnings lost nothing, errors are exceptions and are told elsewhere. */
export function sentence(report: Report): string {
  switch (report.kind) {
    case "snapshot-started":
      return `reading cluster ${report.cluster} (snapshot ${report.snapshot})`;
    case "kind-read":
      return kindSentence(report);
    case "snapshot-ended":
      return `snapshot ${report.snapshot}: ${report.objects} objects in ${formatDuration(report.ms)}`;
    case "waiting":
      return `WARN waiting for ${report.for}: ${report.reason}`;
    case "resumed":
      return `${report.for} is back after ${formatDuration(report.afterMs)}`;
    case "assigned":
      return `holding ${report.partitions} partitions`;
    case "batch-stored":
      return `${report.topic}[${report.partition}] ${report.start}..${report.end - 1n}: ${report.stored} stored, ${report.deadLettered} dead-lettered`;
    case "record-rejected":
      return `WARN ${report.topic}[${report.partition}] offset ${report.offset} goes to the dead letters: ${report.reason}`;
    case "fenced":
      return `WARN ${report.topic}[${report.partition}] belongs to another process now; nothing was written`;
    case "draining":
      return "stopping: finishing what is in hand (press Ctrl-C again to leave at once)";
    case "notice":
      return report.text;
    case "warning":
      return `WARN ${report.text}`;
    default:
      return assertNever(report);
  }
}

function kindSentence(report: Extract<Report, { kind: "kind-read" }>): string {
  const why = report.reason === null ? "" : `: ${report.reason}`;
  return `${report.status === "complete" ? "    " : "WARN"} ${report.resource.padEnd(22)} ${String(report.objects).padStart(7)}  ${report.status}${why}`;
}
