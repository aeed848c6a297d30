import { parseDatabase } from "./database.ts";
import type { Findings } from "./findings.ts";
import { parseKafka } from "./kafka.ts";
import type { Loaded } from "./loaded.ts";
import { readLog } from "./log.ts";
import { decideMode } from "./mode.ts";
import { parseGroup, parseHttpAddress, parseMaxPoison, parseTopic } from "./parsers.ts";
import type { DatabaseSettings, DeadLetterSettings, HttpAddress, KafkaSettings } from "./parts.ts";
import { seeOrigins } from "./role.ts";
import { sourcesFor, type Sources } from "./sources.ts";
import type { Layer, SettingsInput } from "./sources/layers.ts";
import { resolveValues, type Values } from "./sources/resolve.ts";
import { withOwnPlace, type OwnPlace } from "./own-place.ts";

export interface ConsumerSettings {
  readonly kafka: KafkaSettings;
  readonly database: DatabaseSettings;
  /** Consumer group; also the key under which PostgreSQL keeps the offsets. */
  readonly group: string;
  readonly deadLetters: DeadLetterSettings;
  /** Where health and metrics are shown; null shows them nowhere. */
  readonly http: HttpAddress | null;
}

/**
 * Settings of `consume`; a stream that is not the default one brings its own topic and group. Throws one `usage` error
 * that names everything wrong.
 */
export function loadConsumerSettings(
  given: SettingsInput | Sources,
  own?: OwnPlace,
): Loaded<ConsumerSettings> {
  const { input, layers: read, findings } = sourcesFor("consumer", given);
  const layers = own === undefined ? read : withOwnPlace(read, own, findings);
  readLog(layers, input, findings);
  const settings = parseConsumer(layers, input, findings);
  return { settings: findings.settle(settings, seeOrigins("consumer")), notices: findings.notices };
}

/** For commands that speak to Kafka alone. Throws one `usage` error that names everything wrong. */
export function loadTopicSettings(given: SettingsInput | Sources, own?: OwnPlace): Loaded<KafkaSettings> {
  const { input, layers: read, findings } = sourcesFor("consumer", given);
  const layers = own === undefined ? read : withOwnPlace(read, own, findings);
  readLog(layers, input, findings);
  const settings = parseKafka(resolveValues(layers, ["kafka"], findings), input, findings);
  return { settings: findings.settle(settings, seeOrigins("consumer")), notices: findings.notices };
}

/** Null when something is missing or does not fit; `findings` then says what. */
export function parseConsumer(
  layers: readonly Layer[],
  input: SettingsInput,
  findings: Findings,
): ConsumerSettings | null {
  const said = decideMode(layers, findings);
  if (said?.mode === "legacy") {
    findings.problem(
      `${said.place} means mode legacy, in which the collector writes to PostgreSQL itself and there is nothing to consume`,
      "clusterflow setup --mode hybrid-kafka, or set KAFKA_ENABLED=true for the consumer",
    );
  }
  const values = resolveValues(layers, ["kafka", "consumer", "http"], findings);
  const kafka = parseKafka(values, input, findings);
  const group = values.parse("consumerGroup", parseGroup);
  const deadLetters = parseDeadLetters(values, findings);
  const http = values.parse("http", parseHttpAddress);
  const database = parseDatabase(layers, input, findings);
  if (kafka === null || group === null || database === null || deadLetters === null) return null;
  return { kafka, database, group, deadLetters, http };
}

function parseDeadLetters(
  values: Values<"kafka" | "consumer">,
  findings: Findings,
): DeadLetterSettings | null {
  const maxInARow = values.parse("maxPoison", parseMaxPoison);
  const topic = values.parse("dlqTopic", parseTopic);
  if (topic !== null && topic === values.parse("topic", parseTopic)) {
    findings.problem(
      `CLUSTERFLOW_DLQ_TOPIC (--dlq-topic) is ${topic}, the topic that is consumed: dead letters would come back for ever`,
      `clusterflow consume --dlq-topic ${topic}.dlq`,
    );
  }
  return maxInARow === null ? null : { maxInARow, topic };
}
