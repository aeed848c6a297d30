import { ClusterflowError } from "../../core/errors.ts";

/**
 * Where a table is on its way to a topic. `finishing`: the table is closed, its last rows are on their way.
 * `rolling-back`: the table is open again, and what only the topic has comes back into it.
 */
export const STATES = [
  "pg-only",
  "dual",
  "backfilled",
  "verified",
  "finishing",
  "topic-primary",
  "retired",
  "rolling-back",
  "rolled-back",
] as const;
export type State = (typeof STATES)[number];

export type Step = "start" | "feed" | "backfill" | "verify" | "finish" | "retire" | "rollback";

/** The states in which a step does something, or has nothing left to do; in all others it is refused. */
const MAY: Readonly<Record<Step, readonly State[]>> = {
  start: ["pg-only", "dual", "rolled-back"],
  feed: ["dual", "backfilled", "verified", "finishing"],
  backfill: ["dual", "backfilled", "verified"],
  verify: ["backfilled", "verified", "topic-primary"],
  finish: ["verified", "finishing", "topic-primary"],
  retire: ["topic-primary", "retired"],
  rollback: ["dual", "backfilled", "verified", "finishing", "topic-primary", "rolling-back", "rolled-back"],
};

/** What is to be typed next; null where nothing is left to do. */
const NEXT: Readonly<Record<State, Step | null>> = {
  "pg-only": "start",
  dual: "backfill",
  backfilled: "verify",
  verified: "finish",
  finishing: "finish",
  "topic-primary": "retire",
  retired: null,
  "rolling-back": "rollback",
  "rolled-back": null,
};

export function isState(text: string): text is State {
  return (STATES as readonly string[]).includes(text);
}

/** Whether the table has its other name. */
export function isClosed(state: State | undefined): boolean {
  return state === "finishing" || state === "topic-primary";
}

/** The next command line; null where nothing is left to do. */
export function nextCommand(state: State, stream: string): string | null {
  const step = NEXT[state];
  return step === null ? null : `clusterflow cutover ${step} --stream ${stream}`;
}

/** Throws `refused` where a step would be out of order. */
export function checkStep(step: Step, state: State, stream: string): void {
  if (MAY[step].includes(state)) return;
  const next = nextCommand(state, stream);
  throw new ClusterflowError(`cut-over of ${stream} is ${state}: ${step} is not possible now`, {
    code: "refused",
    hint: next ?? `clusterflow cutover status --stream ${stream}`,
  });
}

/** What the sentences of a plan are about. */
export interface PlanNames {
  readonly stream: string;
  /** `public.clicks` */
  readonly table: string;
  /** `public.clicks_before_cutover` */
  readonly kept: string;
  readonly topic: string;
}

/** What a step will do, a sentence each; with `--dry-run` nothing but these. */
export function planOf(step: Step, { stream, table, kept, topic }: PlanNames): readonly string[] {
  switch (step) {
    case "start":
      return [
        `make topic ${topic} where it is missing, and note how far it goes`,
        `make the schema clusterflow_cutover in the database of ${table} where it is missing`,
        `put triggers on ${table}: each row that is inserted from now on is also put into an outbox, in the same transaction`,
        `updates, deletes and truncates go on as they are; they are noted, and verify will not pass with them`,
      ];
    case "feed":
      return [`bring what comes into the outbox to topic ${topic}, until a signal`];
    case "backfill":
      return [
        `bring the rows that were in ${table} before the triggers to topic ${topic}, in the order of the primary key`,
        `each has the header event-id ${table}:<key>, so one that comes twice is stored once`,
      ];
    case "verify":
      return [
        `bring the outbox to topic ${topic}, and wait until clusterflow consume --stream ${stream} has stored it`,
        `compare the rows of ${table} with what is stored of them, by count and digest`,
      ];
    case "finish":
      return [
        `bring the outbox to topic ${topic}`,
        `rename ${table} to ${kept} and close it: a writer that was forgotten gets an error`,
        `bring its last rows to topic ${topic}, and note how far the topic goes`,
      ];
    case "retire":
      return [`drop ${kept}; after that there is no way back`];
    case "rollback":
      return [
        `look whether topic ${topic} still has all that ${table} lacks; refuse where it does not`,
        `take the triggers off, and give the table its name ${table} back where it was renamed`,
        `insert into ${table} what lies in topic ${topic} and did not come from it, each event once`,
      ];
  }
}
