import type { CollectToPostgres } from "../config/collector.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { Connection } from "../postgres/connection.ts";
import { databaseName } from "../postgres/errors.ts";
import { openDirectSink } from "../postgres/direct-sink.ts";
import { migrate } from "../postgres/migrate.ts";
import { clusterInfo } from "../streams/cluster-info/stream.ts";
import { collectOnce, patience } from "./collect-once.ts";
import { collectOnSchedule, type OnCollected } from "./collect-schedule.ts";
import type { FlowRun } from "./run.ts";

/** Cluster to PostgreSQL, straight. Nothing that this file reaches knows Kafka. */
export async function collectToPostgres(
  settings: CollectToPostgres,
  run: FlowRun,
  onCollected: OnCollected,
): Promise<void> {
  const { tell, signal } = run;
  const giveUpAfterMs = patience(settings.schedule);
  await using connection = new Connection(settings.database, "clusterflow collect", tell);
  const name = databaseName(settings.database);
  await throughOutages(() => migrate(connection), { name, tell, signal, giveUpAfterMs });
  await using sink = openDirectSink({ stream: clusterInfo, connection, tell, giveUpAfterMs });
  await collectOnSchedule(settings.schedule, () => collectOnce(settings, sink, run), run, onCollected);
}
