import type { Commit } from "./store.ts";

/** Rows a second from the first commit to the last one. The rows of the first were under way before it. */
export function rateOf(commits: readonly Commit[]): number {
  const [first, last] = [commits[0]!, commits.at(-1)!];
  return (1000 * (rowsOf(commits) - first.rows)) / (last.at - first.at);
}

export function rowsOf(commits: readonly Commit[]): number {
  return commits.reduce((total, { rows }) => total + rows, 0);
}
