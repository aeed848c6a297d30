import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { FIELDS, readField, type EventType, type FieldName } from "./fields.ts";

/** An event that can be stored; what it does not tell is null. */
export interface QuizEvent {
  readonly event_type: EventType;
  readonly event_id: string;
  readonly timestamp: string;
  readonly session_id: string;
  readonly quiz_id: string;
  readonly classroom_id: string;
  readonly question_id: string | null;
  readonly teacher_id: string | null;
  readonly timer_sec: number | null;
  readonly student_id: string | null;
  readonly answer: string | null;
  readonly response_time_ms: number | null;
}

/** The member that is wrong, and words that go after its name. */
export interface FieldFault {
  readonly field: string;
  readonly reason: string;
}

export type ReadEvent =
  { readonly kind: "event"; readonly event: QuizEvent } | ({ readonly kind: "fault" } & FieldFault);

/** All members, in one order: objects of one shape are quicker to make and to read. */
const NOTHING: Readonly<Record<FieldName, null>> = {
  event_type: null,
  event_id: null,
  timestamp: null,
  session_id: null,
  quiz_id: null,
  classroom_id: null,
  question_id: null,
  teacher_id: null,
  timer_sec: null,
  student_id: null,
  answer: null,
  response_time_ms: null,
};

/** Checks an event as a client posts it. */
export function readEvent(posted: JsonObject): ReadEvent {
  const event: Record<string, string | number | null> = { ...NOTHING };
  for (const { name, type, required } of FIELDS) {
    const value = posted[name];
    if (value === undefined || value === null || value === "") {
      // the type is the first field: only after it, it is known what the others have to be
      const isRequired = name === "event_type" || required.some((other) => other === event["event_type"]);
      if (isRequired) return fault(name, value === "" ? "is empty" : "is missing");
      event[name] = null;
      continue;
    }
    const read = readField(type, value);
    if ("reason" in read) return fault(name, read.reason);
    event[name] = read.value;
  }
  return { kind: "event", event: event as unknown as QuizEvent };
}

/** Members that an envelope repeats from the event inside it. */
const REPEATED: readonly FieldName[] = ["event_id", "event_type", "session_id"];

/**
 * Checks a message's value: an event as it is, or in the envelope that the gateway makes. An envelope's own
 * `timestamp` is when it was sent and never takes the place of the event's.
 */
export function readMessage(value: JsonObject): ReadEvent {
  if (value["payload"] === undefined) return readEvent(value);
  const { payload } = value;
  if (!isJsonObject(payload)) return fault("payload", "is not an object");
  const posted = REPEATED.every((name) => payload[name] !== undefined)
    ? payload
    : withRepeated(payload, value);
  const other = REPEATED.find((name) => disagree(value[name], posted[name]));
  if (other !== undefined) return fault(other, "is one in the envelope and another in the payload");
  return readEvent(posted);
}

function withRepeated(payload: JsonObject, envelope: JsonObject): JsonObject {
  const repeated = Object.fromEntries(REPEATED.map((name) => [name, envelope[name] ?? null]));
  return { ...repeated, ...payload };
}

function disagree(one: Json | undefined, other: Json | undefined): boolean {
  if (typeof one !== "string" || one === "" || typeof other !== "string") return false;
  return one.toLowerCase() !== other.toLowerCase();
}

function fault(field: string, reason: string): ReadEvent {
  return { kind: "fault", field, reason };
}
