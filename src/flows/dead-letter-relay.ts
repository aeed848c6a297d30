import type { ConsumerSettings } from "../config/consumer.ts";
import { openDeadLetterTopic } from "../kafka/dead-letter-topic.ts";
import { openRelay } from "../pipeline/relay.ts";
import { Connection } from "../postgres/connection.ts";
import { openLetterStore } from "../postgres/write/relay.ts";
import type { Stream } from "../streams/define.ts";
import type { FlowRun } from "./run.ts";

/** Table to topic, for a consumer that is told a topic for its dead letters; null for one that is not. */
export function openDeadLetterRelay(
  { kafka, database, group, deadLetters }: ConsumerSettings,
  stream: Stream,
  { tell, signal }: Pick<FlowRun, "tell" | "signal">,
): ({ readonly topic: string } & AsyncDisposable) | null {
  const name = deadLetters.topic;
  if (name === null) return null;
  const connection = new Connection(database, `clusterflow consume ${group}: dead letters`);
  const topic = openDeadLetterTopic({ settings: kafka, topic: name, group, stream: stream.name, tell });
  const store = openLetterStore(connection, group, kafka.topic);
  const relay = openRelay({ store, topic, name, tell, signal });
  return {
    topic: name,
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await Promise.all([topic[Symbol.asyncDispose](), connection[Symbol.asyncDispose]()]);
    },
  };
}
