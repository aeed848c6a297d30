import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { parseJson } from "../reading/parse-json.ts";
import { rejected } from "../reading/rejected.ts";
import { isTimestamp } from "../reading/timestamp.ts";
import type { Decoded, RecordView, Stream } from "../define.ts";
import { readMessage } from "./event.ts";
import { toMessage } from "./message.ts";
import { rowsOf, TABLES } from "./tables.ts";

/**
 * What happens in quizzes: a session is started, questions are published, students answer. The key is the session, so
 * that its events stay in order; nothing depends on that order, though. An answer may come before its question, and
 * whether it was right or late is judged when it is read.
 */
export const quizEvents: Stream = {
  name: "quiz-events",
  topic: {
    name: "quiz-events",
    partitions: 3,
    config: {
      "cleanup.policy": "delete",
      "retention.ms": String(7 * 24 * 3_600_000),
      "max.message.bytes": "1048588",
      "compression.type": "producer",
    },
  },
  group: "analytics-event-processors",
  target: { kind: "tables", tables: TABLES },
  decode,
  ingest: { toMessage: (event, text, at) => toMessage(event, at, text), onlyThroughKafka: null },
};

function decode({ value, timestamp }: RecordView): Decoded {
  if (value === null)
    return rejected("the record has no value (a tombstone), and nothing in this topic can be deleted");
  const parsed = parseJson(value);
  if (parsed.kind === "rejected") return rejected(`the value ${parsed.reason}`);
  if (!isJsonObject(parsed.value)) return rejected("the value is JSON, but not an object");
  const read = readMessage(parsed.value);
  if (read.kind === "fault") return rejected(`the field ${read.field} ${read.reason}`);
  return { kind: "tables", tables: rowsOf(read.event, receivedAt(parsed.value, timestamp)) };
}

/** When the gateway sent it, as its envelope says; else when Kafka got it. A help for people, so never a reason to refuse. */
function receivedAt(message: JsonObject, recordedMs: number | bigint): string | null {
  const { payload, timestamp } = message;
  if (payload !== undefined && typeof timestamp === "string" && isTimestamp(timestamp)) return timestamp;
  const recorded = new Date(Number(recordedMs));
  if (recordedMs < 0 || Number.isNaN(recorded.getTime())) return null;
  // beyond the year 9999 JavaScript writes a sign, which PostgreSQL does not read
  const text = recorded.toISOString();
  return isTimestamp(text) ? text : null;
}
