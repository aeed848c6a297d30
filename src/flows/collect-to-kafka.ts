import type { CollectToKafka } from "../config/collector.ts";
import { openKafkaSink } from "../kafka/sink.ts";
import { clusterInfo } from "../streams/cluster-info/stream.ts";
import { collectOnce, patience } from "./collect-once.ts";
import { collectOnSchedule, type OnCollected } from "./collect-schedule.ts";
import type { FlowRun } from "./run.ts";

/** Cluster to Kafka. Nothing that this file reaches knows PostgreSQL; `test/architecture.test.ts` holds it to that. */
export async function collectToKafka(
  settings: CollectToKafka,
  run: FlowRun,
  onCollected: OnCollected,
): Promise<void> {
  await using sink = await openKafkaSink({
    settings: settings.kafka,
    topic: { ...clusterInfo.topic, name: settings.kafka.topic },
    tell: run.tell,
    signal: run.signal,
    giveUpAfterMs: patience(settings.schedule),
  });
  await collectOnSchedule(settings.schedule, () => collectOnce(settings, sink, run), run, onCollected);
}
