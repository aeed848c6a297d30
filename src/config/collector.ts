import type { CollectSchedule, DatabaseSettings, KafkaSettings, KubernetesSettings } from "./parts.ts";

interface Common {
  readonly kubernetes: KubernetesSettings;
  readonly schedule: CollectSchedule;
}

/**
 * A collector that writes to Kafka. `database?: never` and not merely the absence of the field: a wider object
 * held in a variable would slip through structural typing otherwise.
 */
export interface CollectToKafka extends Common {
  readonly mode: "hybrid-kafka";
  readonly kafka: KafkaSettings;
  readonly database?: never;
}

/** A collector that writes straight to PostgreSQL. */
export interface CollectToPostgres extends Common {
  readonly mode: "legacy";
  readonly database: DatabaseSettings;
  readonly kafka?: never;
}

export type CollectorSettings = CollectToKafka | CollectToPostgres;
