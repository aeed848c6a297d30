import type { Loss } from "./losses.ts";

/** Whose ledger is looked at. */
export interface Reader {
  readonly group: string;
  readonly topic: string;
  /** Other groups that have settled messages of this topic. */
  readonly others: readonly string[];
  /** What this group gave up. */
  readonly losses?: readonly Loss[];
}

export function strangerSentence({ group, topic, others }: Reader): string {
  const did =
    others.length === 0
      ? "no group did"
      : `${others.length === 1 ? "group" : "groups"} ${others.map((name) => `"${name}"`).join(", ")} did`;
  return `group "${group}" never stored anything of topic "${topic}"; ${did}`;
}
