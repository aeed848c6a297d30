import type { JsonObject } from "../../../src/core/json.ts";
import type { RawRecord } from "../../../src/pipeline/ports.ts";
import type { Connection } from "../../../src/postgres/connection.ts";
import { openLedger } from "../../../src/postgres/ledger.ts";
import { openWriter } from "../../../src/postgres/write/deliver.ts";
import { quizEvents } from "../../../src/streams/quiz/stream.ts";

const TOPIC = { topic: "quiz-events", partition: 0 };

/** The events, and no others, as records of one partition in batches of some size, through the consumer's own writer. */
export async function storeEvents(
  connection: Connection,
  events: readonly JsonObject[],
  batchSize: number,
): Promise<void> {
  await connection.script(`TRUNCATE public.session_started_events, public.question_published_events,
    public.answer_submitted_events, clusterflow.offsets, clusterflow.dead_letters`);
  const [claimed] = await openLedger(connection, "g", "test").claim([{ ...TOPIC, low: 0n, topicId: null }]);
  const tell = (): void => undefined;
  const deliver = openWriter({ stream: quizEvents, group: "g", connection, tell, giveUpAfterMs: null });
  const records = events.map((event, index): RawRecord => ({
    ...TOPIC,
    offset: BigInt(index),
    timestamp: -1,
    key: null,
    value: Buffer.from(JSON.stringify(event)),
    headers: [],
  }));
  for (let start = 0; start < records.length; start += batchSize) {
    const batch = records.slice(start, start + batchSize);
    const range = { start: BigInt(start), end: BigInt(start + batch.length) };
    await deliver(
      { ...TOPIC, ...range, epoch: claimed!.epoch, records: batch },
      new AbortController().signal,
    );
  }
}
