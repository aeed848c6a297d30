import type { KafkaSettings } from "../config/parts.ts";
import { openKafka } from "../kafka/client.ts";
import { ensureTopic, type Topic } from "../kafka/topics.ts";
import type { Stream } from "../streams/define.ts";
import type { FlowRun } from "./run.ts";

/** Makes the topic of a stream with its profile; one that is there is left as it is, and what differs is told. */
export async function createTopic(
  settings: KafkaSettings,
  { topic }: Stream,
  { tell }: Pick<FlowRun, "tell">,
): Promise<Topic> {
  using client = openKafka(settings);
  return await ensureTopic(client, { ...topic, name: settings.topic }, tell);
}
