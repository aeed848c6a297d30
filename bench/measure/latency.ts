import type { Store } from "./store.ts";

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** When a row was written, and when the transaction that made it visible ended. */
export const MOMENTS = { stored: "stored", committed: "pg_xact_commit_timestamp(xmin)" } as const;

/** Milliseconds from an event's sending to one of its row's moments, over the events of these ids. */
export async function latencyOf(
  store: Store,
  moment: keyof typeof MOMENTS,
  from: number,
  to: number,
): Promise<Latency> {
  const [row] = await store.query<[{ p: [number, number, number] }]>(`
    SELECT percentile_cont(ARRAY[0.5, 0.99, 0.999]) WITHIN GROUP (
             ORDER BY (extract(epoch FROM ${MOMENTS[moment]} - at) * 1000)::float8) AS p
      FROM public.append WHERE id >= ${from} AND id < ${to}`);
  const [p50, p99, p999] = row.p;
  return { p50, p99, p999 };
}
