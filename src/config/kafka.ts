import type { Findings } from "./findings.ts";
import { parseKafkaSecurity } from "./kafka-security.ts";
import { parseBrokers, parseTopic } from "./parsers.ts";
import type { KafkaSettings } from "./parts.ts";
import type { SettingsInput } from "./sources/layers.ts";
import type { Values } from "./sources/resolve.ts";

/** Null when brokers or topic do not fit; whatever is wrong, also with the rest, is in the findings. */
export function parseKafka(
  values: Values<"kafka">,
  input: Pick<SettingsInput, "environment" | "directory">,
  findings: Findings,
): KafkaSettings | null {
  const brokers = values.parse("brokers", parseBrokers);
  const topic = values.parse("topic", parseTopic);
  const security = parseKafkaSecurity(values, brokers ?? [], input, findings);
  if (brokers === null || topic === null) return null;
  return { brokers, topic, ...(security === null ? {} : { security }) };
}
