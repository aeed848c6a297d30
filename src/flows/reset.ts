import type { ConsumerSettings } from "../config/consumer.ts";
import { topicOffsets } from "../kafka/reader.ts";
import { throughOutages } from "../pipeline/outage.ts";
import { Connection } from "../postgres/connection.ts";
import { databaseName } from "../postgres/errors.ts";
import { resetPosition } from "../postgres/ledger.ts";
import { migrate } from "../postgres/migrate.ts";
import type { FlowRun } from "./run.ts";

const PATIENCE_MS = 30_000;

/**
 * Puts a group back to the earliest offsets that the topic still has. What was stored already is recognised by its
 * identity and not stored again. A member that is running is fenced and claims its partitions anew.
 */
export async function resetToEarliest(settings: ConsumerSettings, { tell, signal }: FlowRun): Promise<void> {
  await using connection = new Connection(settings.database, "clusterflow consume --from earliest");
  const name = databaseName(settings.database);
  await throughOutages(() => migrate(connection), { name, tell, signal, giveUpAfterMs: PATIENCE_MS });
  const { topic } = settings.kafka;
  for (const { partition, low } of await topicOffsets(settings.kafka, topic)) {
    await resetPosition(connection, settings.group, { topic, partition, next: low });
  }
}
