import { assertNever } from "../core/never.ts";
import type { Report, Tell } from "../core/report.ts";
import { formatDuration } from "../core/duration.ts";
import { say, type Level } from "./log.ts";

/** Tells everything on stderr, a line each. */
export const tellOnStderr: Tell = (report) => {
  say(levelOf(report), sentence(report), { details: report });
};

function levelOf(report: Report): Level {
  switch (report.kind) {
    case "batch-stored":
      return "debug";
    case "kind-read":
      return report.status === "complete" ? "info" : "warn";
    case "waiting":
    case "resumed": // whoever reads warnings only would wait for ever otherwise
    case "record-rejected":
    case "fenced":
    case "warning":
      return "warn";
    case "snapshot-started":
    case "snapshot-ended":
    case "assigned":
    case "draining":
    case "notice":
      return "info";
    default:
      return assertNever(report);
  }
}

/** One report as one line; its level says how grave it is. */
export function sentence(report: Report): string {
  switch (report.kind) {
    case "snapshot-started":
      return `reading cluster ${report.cluster} (snapshot ${report.snapshot})`;
    case "kind-read":
      return kindSentence(report);
    case "snapshot-ended":
      return `snapshot ${report.snapshot}: ${report.objects} objects in ${formatDuration(report.ms)}`;
    case "waiting":
      return `waiting for ${report.for}: ${report.reason}`;
    case "resumed":
      return `${report.for} is back after ${formatDuration(report.afterMs)}`;
    case "assigned":
      return `holding ${report.partitions} partitions`;
    case "batch-stored":
      return `${report.topic}[${report.partition}] ${report.start}..${report.end - 1n}: ${report.stored} stored, ${report.deadLettered} dead-lettered`;
    case "record-rejected":
      return `${report.topic}[${report.partition}] offset ${report.offset} goes to the dead letters: ${report.reason}`;
    case "fenced":
      return `${report.topic}[${report.partition}] belongs to another process now; nothing was written`;
    case "draining":
      return "stopping: finishing what is in hand (press Ctrl-C again to leave at once)";
    case "notice":
    case "warning":
      return report.text;
    default:
      return assertNever(report);
  }
}

function kindSentence(report: Extract<Report, { kind: "kind-read" }>): string {
  const why = report.reason === null ? "" : `: ${report.reason}`;
  return `${report.status === "complete" ? "     " : ""}${report.resource.padEnd(22)} ${String(report.objects).padStart(7)}  ${report.status}${why}`;
}
