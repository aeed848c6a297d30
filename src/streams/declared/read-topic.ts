import { parseDuration } from "../../core/duration.ts";
import type { TopicProfile } from "../define.ts";
import { isTopicName, TOPIC_NAME_WANTED } from "./names.ts";
import { given, type Value } from "./value.ts";

const KEYS = ["name", "partitions", "retention", "cleanup", "config"] as const;
const PARTITIONS = 3;
const RETENTION_MS = 7 * 24 * 3_600_000;

/** A topic by its name alone, or with how it is to be made. */
export function readTopic(value: Value): TopicProfile | null {
  if (!value.isMap) {
    const name = readName(value);
    return name === null
      ? null
      : { name, partitions: PARTITIONS, config: configOf("delete", RETENTION_MS, {}) };
  }
  const fields = value.fields(KEYS, ["name"]) ?? {};
  const name = given(fields.name, null, readName);
  const partitions = given(fields.partitions, PARTITIONS, (one) => one.whole(1, 10_000));
  const retention = given(fields.retention, RETENTION_MS, readRetention);
  const cleanup = given(fields.cleanup, "delete", (one) => one.word(["delete", "compact", "compact,delete"]));
  const config = given(fields.config, {}, readConfig);
  if (name === null || partitions === null || retention === null || cleanup === null) return null;
  return { name, partitions, config: configOf(cleanup, retention, config) };
}

function readName(value: Value): string | null {
  return value.text(`a topic's name, ${TOPIC_NAME_WANTED}`, isTopicName);
}

/** Milliseconds; -1 keeps everything, as Kafka writes it. */
function readRetention(value: Value): number | null {
  const text = value.text(
    "a duration such as 7d or 12h, or forever",
    (said) => said === "forever" || (parseDuration(said) ?? 0) >= 1,
  );
  if (text === null) return null;
  return text === "forever" ? -1 : Math.round(parseDuration(text) ?? 0);
}

function readConfig(value: Value): Readonly<Record<string, string>> {
  const config: Record<string, string> = {};
  for (const { name, value: setting } of value.entries("a map of Kafka's topic settings") ?? []) {
    if (!/^[a-z]+(\.[a-z]+)+$/.test(name))
      setting.fault("is no name of a topic setting; wanted is one such as max.message.bytes");
    const said = setting.scalar("a text, a number, true or false");
    if (said !== null) config[name] = String(said);
  }
  return config;
}

function configOf(
  cleanup: string,
  retentionMs: number,
  config: Readonly<Record<string, string>>,
): TopicProfile["config"] {
  return {
    "cleanup.policy": cleanup,
    "retention.ms": String(retentionMs),
    "max.message.bytes": "1048588",
    "compression.type": "producer",
    ...config,
  };
}
