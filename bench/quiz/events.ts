import type { JsonObject } from "../../src/core/json.ts";
import type { OutgoingMessage } from "../../src/streams/define.ts";
import { generateQuiz } from "../../src/streams/quiz/generate.ts";
import { toMessage } from "../../src/streams/quiz/message.ts";

const SCHOOLS = 20;
const BEGIN = Date.parse("2026-01-01T10:00:00Z");
const DAY_MS = 86_400_000;
/** When the gateway took them. */
export const RECEIVED_AT = "2026-06-30T10:00:00.000Z";

/** The first so many events of the demo's schools, which play day after day. */
export function* events(count: number): Generator<JsonObject> {
  for (let day = 0, made = 0; made < count; day += 1) {
    const tag = `${String(day).padStart(4, "0")}-`;
    for (const event of generateQuiz({ schools: SCHOOLS, seed: day, at: BEGIN + day * DAY_MS }).events) {
      if (made === count) return;
      made += 1;
      const { event_id, session_id } = event as Record<"event_id" | "session_id", string>;
      yield { ...event, event_id: tag + event_id, session_id: tag + session_id };
    }
  }
}

/** As the gateway makes them. */
export function messageOf(event: JsonObject): OutgoingMessage {
  const made = toMessage(event, RECEIVED_AT);
  if (made.kind === "fault") throw new Error(`the generator's ${made.field} ${made.reason}`);
  return made.message;
}
