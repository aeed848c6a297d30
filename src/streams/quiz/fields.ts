import type { Json } from "../../core/json.ts";
import { isTimestamp } from "../reading/timestamp.ts";

export const EVENT_TYPES = ["SESSION_STARTED", "QUESTION_PUBLISHED", "ANSWER_SUBMITTED"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export type FieldType = "id" | "type" | "time" | "text" | "count";

/** A member of an event, as producers write it. */
export interface Field {
  readonly name: FieldName;
  readonly type: FieldType;
  /** The types of events that cannot be without it. */
  readonly required: readonly EventType[];
  readonly about: string;
}

export type FieldName =
  | "event_id"
  | "event_type"
  | "timestamp"
  | "session_id"
  | "quiz_id"
  | "classroom_id"
  | "question_id"
  | "teacher_id"
  | "timer_sec"
  | "student_id"
  | "answer"
  | "response_time_ms";

const QUESTIONS: readonly EventType[] = ["QUESTION_PUBLISHED", "ANSWER_SUBMITTED"];
const ANSWERS: readonly EventType[] = ["ANSWER_SUBMITTED"];

/** Every member of an event; others are left alone. One that is optional may also be null or an empty text. */
export const FIELDS: readonly Field[] = [
  { name: "event_type", type: "type", required: EVENT_TYPES, about: EVENT_TYPES.join(", ") },
  { name: "event_id", type: "id", required: EVENT_TYPES, about: "the same event has the same one" },
  { name: "timestamp", type: "time", required: EVENT_TYPES, about: "when it happened, RFC 3339 with zone" },
  { name: "session_id", type: "id", required: EVENT_TYPES, about: "one run of a quiz in a classroom" },
  { name: "quiz_id", type: "id", required: EVENT_TYPES, about: "the quiz" },
  { name: "classroom_id", type: "id", required: EVENT_TYPES, about: "the classroom" },
  { name: "question_id", type: "id", required: QUESTIONS, about: "the question" },
  { name: "teacher_id", type: "id", required: [], about: "who published it" },
  { name: "timer_sec", type: "count", required: [], about: "seconds to answer; 0 or none: no limit" },
  { name: "student_id", type: "id", required: ANSWERS, about: "who answered" },
  { name: "answer", type: "text", required: ANSWERS, about: "as it was given" },
  { name: "response_time_ms", type: "count", required: [], about: "as the student's device measured it" },
];

/**
 * Three ids make the longest key of an index, which PostgreSQL limits to 2,704 bytes; a character may take four.
 */
const MAX_ID_CHARACTERS = 200;
const MAX_INTEGER = 2_147_483_647;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A value that is fit to store, or why it is not: words after the field's name. */
export type Read = { readonly value: string | number } | { readonly reason: string };

/** Never quotes the value: an event that is refused may hold what nobody is to see in a log. */
export function readField(type: FieldType, value: Json): Read {
  if (type === "count") return readCount(value);
  if (typeof value !== "string") return { reason: "is not a text" };
  if (type === "id") return readId(value);
  if (type === "time" && !isTimestamp(value))
    return { reason: "is not a time with its zone such as 2026-01-31T10:00:00Z" };
  if (type === "type" && !EVENT_TYPES.some((name) => name === value))
    return { reason: `is not one of ${EVENT_TYPES.join(", ")}` };
  return { value };
}

/**
 * Any text, since ids are the clients' own: the system before this one wanted UUIDs, and lost the `test-001` of its own
 * guide. Both spellings of a UUID are the same one.
 */
function readId(value: string): Read {
  if (value.length > MAX_ID_CHARACTERS) return { reason: `is longer than ${MAX_ID_CHARACTERS} characters` };
  return { value: UUID.test(value) ? value.toLowerCase() : value };
}

function readCount(value: Json): Read {
  const isCount = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_INTEGER;
  return isCount ? { value } : { reason: `is not a whole number from 0 to ${MAX_INTEGER}` };
}
