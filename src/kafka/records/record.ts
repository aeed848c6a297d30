import type { KafkaMessage } from "kafkajs";
import { narrow } from "../../core/narrow.ts";
import type { RawRecord } from "../../pipeline/ports.ts";
import { FetchedRecord } from "./fetched-record.ts";
import type { FetchedMessage } from "./record-set.ts";

/** A message of kafkajs as a record of ours: numbers as numbers, headers as pairs, nothing judged. */
export function toRawRecord(
  topic: string,
  partition: number,
  message: KafkaMessage | FetchedMessage,
): RawRecord {
  const record = "record" in message ? message.record : message;
  if (!(record instanceof FetchedRecord)) return fromMessageSet(topic, partition, record);
  record.batchContext.topic = topic;
  record.batchContext.partition = partition;
  return record;
}

/** Message sets are older than headers. */
function fromMessageSet(
  topic: string,
  partition: number,
  { offset, timestamp, key, value }: KafkaMessage,
): RawRecord {
  return {
    topic,
    partition,
    offset: BigInt(offset),
    timestamp: narrow(BigInt(timestamp || -1)),
    key,
    value,
    headers: [],
  };
}

/** Bytes of key, value and headers. */
export function bytesOf(record: RawRecord): number {
  if (record instanceof FetchedRecord) return record.size;
  let bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const [name, value] of record.headers) bytes += name.length + (value?.length ?? 0);
  return bytes;
}
