import { parseBrokers, parseTopic } from "./parsers.ts";
import type { KafkaSettings } from "./parts.ts";
import type { Values } from "./sources/resolve.ts";

/** Null when something does not fit; the findings behind `values` then say what. */
export function parseKafka(values: Values<"kafka">): KafkaSettings | null {
  const brokers = values.parse("brokers", parseBrokers);
  const topic = values.parse("topic", parseTopic);
  return brokers === null || topic === null ? null : { brokers, topic };
}
