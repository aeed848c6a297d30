/** First and longest pause between two tries, in milliseconds. */
const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/**
 * How long to wait before try number `attempt` (the first retry is 1): full jitter over an exponentially growing
 * interval, so that many waiting processes do not come back at the same moment.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
  return Math.ceil(random() * ceiling);
}
