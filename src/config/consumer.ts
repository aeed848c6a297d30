import type { DatabaseSettings, KafkaSettings } from "./parts.ts";

export interface ConsumerSettings {
  readonly kafka: KafkaSettings;
  readonly database: DatabaseSettings;
  /** Consumer group; also the key under which PostgreSQL keeps the offsets. */
  readonly group: string;
}
