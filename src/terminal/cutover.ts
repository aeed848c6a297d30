import type { CutoverStatus } from "../pipeline/cutover/status.ts";
import { asTyped } from "./as-typed.ts";

interface Plan {
  readonly stream: string;
  readonly state: string;
  readonly steps: readonly { readonly step: string; readonly will: readonly string[] }[];
  readonly remarks: readonly string[];
}

/** What the steps would do, for a person. */
export function describePlan({ stream, state, steps, remarks }: Plan): string {
  return [
    `cut-over of ${stream} is ${state}; nothing is done now`,
    ...steps.map(({ step, will }) => [`${step}:`, ...will.map((line) => `  - ${line}`)].join("\n")),
    ...(remarks.length === 0 ? [] : [["worth knowing:", ...remarks.map((line) => `  - ${line}`)].join("\n")]),
  ].join("\n\n");
}

/** Where it is, what waits, and what to type next. */
export function describeStatus(status: CutoverStatus): string {
  const { table, since, next, keptUntil } = status;
  const lines = [
    `cut-over of ${status.stream} is ${status.state}${since === null ? "" : ` since ${since}`}`,
    ...(table === null
      ? []
      : [`  table      ${table}${status.keptAs === null ? "" : `, kept as ${status.keptAs}`}`]),
    `  topic      ${status.topic}`,
    ...(table === null ? [] : counts(status)),
    ...(keptUntil === null ? [] : [`  kept       until ${keptUntil} at least`]),
    ...(next === null ? [] : [`  next: ${asTyped(next)}`]),
  ];
  return lines.join("\n");
}

function counts({ waiting, backfilled, changes, refilled, leftOver }: CutoverStatus): readonly string[] {
  return [
    `  outbox     ${waiting} rows wait`,
    `  history    ${backfilled} rows sent`,
    ...(changes === null ? [] : [`  changed    ${changes}: verify will not pass`]),
    ...(refilled === 0n ? [] : [`  came back  ${refilled} events of the topic`]),
    ...(leftOver === 0n ? [] : [`  left over  ${leftOver}: SELECT * FROM clusterflow_cutover.left_over`]),
  ];
}
