/** Messages that a group never read: retention had removed them, and somebody decided to go on behind them. */
export interface Loss {
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
  readonly decidedAt: Date;
}

/** Words about one decision; with `--from earliest` all partitions are decided at once. */
export function lossText({ partition, first, last, decidedAt }: Loss): string {
  const at = decidedAt.toISOString().replace(/\.\d+/, "");
  return (
    `partition ${partition} offsets ${first}..${last} (${last - first + 1n}) were removed by retention before the group ` +
    `had read them, and were given up at ${at} by consume --from earliest`
  );
}

/** The end of a verdict's sentence; empty where nothing was given up. */
export function lossesSentence(losses: readonly Loss[]): string {
  const [only] = losses;
  if (only === undefined) return "";
  const all = losses.reduce((sum, { first, last }) => sum + (last - first + 1n), 0n);
  const what = losses.length === 1 ? lossText(only) : `${lossText(only)}; and ${losses.length - 1} more gaps`;
  return `; lost by decision before that, ${all} offsets: ${what}`;
}
