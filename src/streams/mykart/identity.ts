import { crc32 } from "node:zlib";
import type { RecordView } from "../define.ts";

/** Headers that name an event, the first of them that is there. */
const HEADERS = ["clusterflow-id", "event-id"] as const;

/** An index takes 2,704 bytes, and a character may have four. */
const MAX_CHARACTERS = 200;

export type EventId =
  { readonly kind: "id"; readonly id: string } | { readonly kind: "fault"; readonly reason: string };

/**
 * What makes two records one event. The shop's messages have no id: unless a header has one, an event is its place in
 * Kafka. A topic that was deleted and created anew begins at offset 0 again, and its events are others: Kafka's time of
 * the record and a checksum of its value, which no reading of the same record changes, tell them apart.
 */
export function eventIdOf(record: RecordView): EventId {
  for (const name of HEADERS) {
    const header = record.headers?.find((one) => one[0] === name);
    if (header !== undefined) return idInHeader(name, header[1]);
  }
  const { topic, partition, offset, timestamp, value } = record;
  if (topic === undefined || partition === undefined || offset === undefined)
    return fault(
      `the record lies in no topic and has no header ${HEADERS.join(" or ")}, so it has no identity`,
    );
  const checksum = crc32(value ?? "")
    .toString(16)
    .padStart(8, "0");
  return { kind: "id", id: `${topic}/${partition}/${offset}/${timestamp}/${checksum}` };
}

function idInHeader(name: string, value: Buffer | null): EventId {
  const id = value?.toString("utf8") ?? "";
  if (id === "") return fault(`the header ${name} is empty`);
  if (id.length > MAX_CHARACTERS)
    return fault(`the header ${name} is longer than ${MAX_CHARACTERS} characters`);
  // U+FFFD stands where bytes were no UTF-8: two ids could become one
  if (/[\0\uFFFD]/.test(id)) return fault(`the header ${name} is no text that can be stored`);
  return { kind: "id", id };
}

function fault(reason: string): EventId {
  return { kind: "fault", reason };
}
