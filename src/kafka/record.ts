import type { IHeaders, KafkaMessage } from "kafkajs";
import type { Header, RawRecord } from "../pipeline/ports.ts";

/** A message of kafkajs as a record of ours: numbers as numbers, headers as pairs, nothing judged. */
export function toRawRecord(topic: string, partition: number, message: KafkaMessage): RawRecord {
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: message.headers === undefined ? NO_HEADERS : toHeaders(message.headers),
  };
}

const NO_HEADERS: readonly Header[] = [];

/** A name that came twice is one name with a list in kafkajs; here it is two headers again. */
function toHeaders(headers: IHeaders): readonly Header[] {
  const pairs: Header[] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (Array.isArray(value)) for (const one of value) pairs.push([name, toBuffer(one)]);
    else pairs.push([name, toBuffer(value)]);
  }
  return pairs;
}

function toBuffer(value: Buffer | string | null | undefined): Buffer | null {
  return typeof value === "string" ? Buffer.from(value) : (value ?? null);
}

/** Bytes of key, value and headers. */
export function bytesOf(record: RawRecord): number {
  let bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const [name, value] of record.headers) bytes += name.length + (value?.length ?? 0);
  return bytes;
}
