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

interface Status {
  readonly stream: string;
  readonly state: string;
  readonly since: string | null;
  readonly table: string | null;
  readonly topic: string;
  readonly waiting: bigint;
  readonly backfilled: bigint;
  readonly changes: string | null;
  readonly refilled: bigint;
  readonly leftOver: bigint;
  readonly keptAs: string | null;
  readonly keptUntil: string | null;
  readonly next: string | null;
}

/** Where it is, what waits, and what to type next. */
export function describeStatus(status: Status): string {
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

function counts({ waiting, backfilled, changes, refilled, leftOver }: Status): readonly string[] {
  return [
    `  outbox     ${waiting} rows wait`,
    `  history    ${backfilled} rows sent`,
    ...(changes === null ? [] : [`  changed    ${changes}: verify will not pass`]),
    ...(refilled === 0n ? [] : [`  came back  ${refilled} events of the topic`]),
    ...(leftOver === 0n ? [] : [`  left over  ${leftOver}: SELECT * FROM clusterflow_cutover.left_over`]),
  ];
}
