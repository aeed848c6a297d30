/** The cluster's own present when it is new: a fixed moment, so that the same seed is the same cluster for ever. */
const PRESENT_MS = Date.UTC(2026, 0, 5, 8, 0, 0);

/** How old the oldest objects are, in seconds. */
export const CLUSTER_AGE = 400 * 86_400;

/** Seconds relative to that moment (the past is negative) in the form Kubernetes writes: whole seconds, UTC. */
export function isoTime(seconds: number): string {
  return new Date(PRESENT_MS + Math.round(seconds) * 1000).toISOString().replace(".000Z", "Z");
}

/** What `isoTime` wrote, as seconds again. */
export function secondsOf(iso: string): number {
  return (Date.parse(iso) - PRESENT_MS) / 1000;
}
