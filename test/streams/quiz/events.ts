import type { JsonObject } from "../../../src/core/json.ts";

const COMMON = { session_id: "session-1", quiz_id: "quiz-1", classroom_id: "class-1" };

export function started(own: JsonObject = {}): JsonObject {
  const event = { event_id: "e-start", event_type: "SESSION_STARTED", timestamp: "2026-01-31T10:00:00Z" };
  return { ...event, ...COMMON, teacher_id: "teacher-1", ...own };
}

export function question(own: JsonObject = {}): JsonObject {
  const event = { event_id: "e-q1", event_type: "QUESTION_PUBLISHED", timestamp: "2026-01-31T10:01:00Z" };
  return { ...event, ...COMMON, question_id: "q-1", teacher_id: "teacher-1", timer_sec: 30, ...own };
}

export function answer(own: JsonObject = {}): JsonObject {
  const event = { event_id: "e-a1", event_type: "ANSWER_SUBMITTED", timestamp: "2026-01-31T10:01:10Z" };
  const given = { question_id: "q-1", student_id: "student-1", answer: "B", response_time_ms: 9_500 };
  return { ...event, ...COMMON, ...given, ...own };
}
