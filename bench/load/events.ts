import { once } from "node:events";
import { createWriteStream, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import kafkajs from "kafkajs";
import { inject } from "vitest";
import { eventOf } from "../../test/support/event-streams.mjs";
import { createTopic, plainKafka } from "../../test/support/produce.ts";

/** Events of one run; the goals are stated for a million. */
export const MESSAGES = Number(process.env["MESSAGES"] ?? 1_000_000);
export const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
const PARTITIONS = 6;
const SLICE = 3000;

/** The topic that holds the first so many events, produced once for all parts of a bench run. */
export async function eventsTopic(messages = MESSAGES): Promise<string> {
  const brokers = inject("brokers");
  const topic = `bench-events-${messages}`;
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  const isThere = (await admin.listTopics()).includes(topic);
  await admin.disconnect();
  if (!isThere) {
    await createTopic(brokers, topic, PARTITIONS);
    await produceEvents(topic, 0, messages);
  }
  return topic;
}

/** Events `from` to `to`, the latter not included, round robin over the partitions, acknowledged. */
export async function produceEvents(topic: string, from: number, to: number): Promise<void> {
  const producer = plainKafka(inject("brokers")).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  for (let n = from; n < to; n += SLICE) {
    const messages = Array.from({ length: Math.min(SLICE, to - n) }, (_, i) => messageOf(n + i));
    await producer.send({ topic, acks: -1, messages });
  }
  await producer.disconnect();
}

function messageOf(n: number): kafkajs.Message {
  return { key: null, value: JSON.stringify(eventOf(n)), partition: n % PARTITIONS };
}

/** Every so many-th of the same events, from the first one on, as a file in the text form of COPY. */
export async function eventsFile(first = 0, step = 1, messages = MESSAGES): Promise<string> {
  const path = join(inject("dataDir"), `events-${messages}-${first}-${step}.tsv`);
  if (existsSync(path)) return path;
  const file = createWriteStream(`${path}.new`);
  for (let n = first; n < messages; n += step) {
    const { id, user_id, kind, amount, at, note } = eventOf(n);
    // none of them holds a tab, a line end or a backslash
    const line = `${[id, user_id, kind, amount, at, note].join("\t")}\n`;
    if (!file.write(line)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
  renameSync(`${path}.new`, path);
  return path;
}
