import type { KafkaMessage } from "kafkajs";
import type { RawRecord } from "../pipeline/ports.ts";
import { headersOf } from "./header-patch.ts";

/** A message of kafkajs as a record of ours: numbers as numbers, headers as pairs, nothing judged. */
export function toRawRecord(topic: string, partition: number, message: KafkaMessage): RawRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestamp: exactly(message.timestamp),
    key: message.key,
    value: message.value,
    headers: headersOf(message),
  };
}

/** Some producers give nanoseconds, beyond what a number holds exactly. */
function exactly(milliseconds: string): number | bigint {
  const number = Number(milliseconds);
  return Number.isSafeInteger(number) ? number : BigInt(milliseconds);
}

/** Bytes of key, value and headers. */
export function bytesOf(record: RawRecord): number {
  let bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const [name, value] of record.headers) bytes += name.length + (value?.length ?? 0);
  return bytes;
}
