import { VERSION } from "../core/version.ts";
import type { Observed } from "../pipeline/observed.ts";
import type { ObservedPartition } from "../pipeline/observed-partition.ts";
import type { Family, Labels, Sample } from "./exposition.ts";
import type { LoopDelay } from "./loop-delay.ts";

/** The servers that a consumer may wait for; a series that is 0 can be told from one that is missing. */
const SERVERS = ["kafka", "postgresql"] as const;

/** Everything that `/metrics` shows. Labels hold the topic, partition numbers and words of ours. */
export function familiesOf(observed: Observed, delay: LoopDelay): readonly Family[] {
  return [
    ...progress(observed),
    ...partitionFamilies(observed),
    ...troubles(observed),
    ...processFamilies(delay),
  ];
}

function progress(observed: Observed): readonly Family[] {
  const { stored, deadLettered, fences, batchTimes, lastStoredAt } = observed;
  return [
    counter(
      "clusterflow_records_stored_total",
      "Records that this process heard to be down as rows; one whose answer was lost with its partition is missing.",
      stored,
    ),
    counter(
      "clusterflow_records_dead_lettered_total",
      "Records kept in clusterflow.dead_letters.",
      deadLettered,
    ),
    counter(
      "clusterflow_fence_losses_total",
      "Batches of a partition that somebody else had taken over.",
      fences,
    ),
    {
      name: "clusterflow_batch_seconds",
      help: "From cutting a batch until it is down, waiting for an absent server included.",
      type: "histogram",
      samples: [
        ...batchTimes.atMost.map(([le, value]) => ({ suffix: "_bucket", labels: { le }, value })),
        { suffix: "_bucket", labels: { le: "+Inf" }, value: batchTimes.count },
        { suffix: "_sum", value: batchTimes.sum },
        { suffix: "_count", value: batchTimes.count },
      ],
    },
    gauge(
      "clusterflow_last_stored_timestamp_seconds",
      "When a batch was last stored, in seconds since 1970.",
      lastStoredAt === null ? [] : [{ value: lastStoredAt / 1000 }],
    ),
  ];
}

function partitionFamilies(observed: Observed): readonly Family[] {
  const { topic, partitions, now } = observed;
  const each = (
    samples: (partition: ObservedPartition, labels: Labels) => readonly Sample[],
  ): readonly Sample[] =>
    [...partitions].flatMap(([number, partition]) => samples(partition, { topic, partition: number }));
  return [
    gauge("clusterflow_partitions", "Partitions that this process has.", [{ value: partitions.size }]),
    gauge(
      "clusterflow_consumer_lag_offsets",
      "Offsets of the partition that are not down yet.",
      each(({ lagOffsets }, labels) => (lagOffsets === null ? [] : [{ labels, value: Number(lagOffsets) }])),
    ),
    gauge(
      "clusterflow_consumer_lag_seconds",
      "Age of the newest stored record while there is more; 0 at the end.",
      each(({ lagMs }, labels) => (lagMs === null ? [] : [{ labels, value: lagMs / 1000 }])),
    ),
    {
      name: "clusterflow_paused_seconds_total",
      help: "Time for which the partition was not fetched: full (waiting for PostgreSQL), checking, fenced.",
      type: "counter",
      samples: each((partition, labels) =>
        [...partition.heldMs(now)].map(([why, ms]) => ({ labels: { ...labels, why }, value: ms / 1000 })),
      ),
    },
  ];
}

function troubles({ waits, retries, rebuilds }: Observed): readonly Family[] {
  const counted = (name: string, counts: ReadonlyMap<string, number>): readonly Sample[] =>
    [...counts].map(([word, value]) => ({ labels: { [name]: word }, value }));
  return [
    gauge(
      "clusterflow_waiting",
      "1 while the server is waited for.",
      SERVERS.map((server) => ({ labels: { server }, value: waits.has(server) ? 1 : 0 })),
    ),
    {
      name: "clusterflow_retries_total",
      help: "Tries that failed and are made again, by class: connection, kafka, or the class of the SQLSTATE.",
      type: "counter",
      samples: counted("class", retries),
    },
    {
      name: "clusterflow_consumer_rebuilds_total",
      help: "Consumers built anew: stalled (no fetch answered), lost (Kafka was away), crashed.",
      type: "counter",
      samples: counted("why", rebuilds),
    },
  ];
}

export function processFamilies({ p50Ms, p99Ms, maxMs }: LoopDelay): readonly Family[] {
  const { user, system } = process.cpuUsage();
  return [
    gauge("clusterflow_build_info", "1; the version is in the label.", [
      { labels: { version: VERSION }, value: 1 },
    ]),
    gauge("clusterflow_event_loop_lag_seconds", "How late timers were in the last ten seconds.", [
      { labels: { quantile: "0.5" }, value: p50Ms / 1000 },
      { labels: { quantile: "0.99" }, value: p99Ms / 1000 },
      { labels: { quantile: "1" }, value: maxMs / 1000 },
    ]),
    gauge("process_resident_memory_bytes", "Resident memory.", [{ value: process.memoryUsage.rss() }]),
    counter("process_cpu_seconds_total", "User and system time.", (user + system) / 1e6),
    gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.", [
      { value: performance.timeOrigin / 1000 },
    ]),
  ];
}

function counter(name: string, help: string, value: number): Family {
  return { name, help, type: "counter", samples: [{ value }] };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "gauge", samples };
}
