import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/core/json.ts";
import { FIELDS } from "../../../src/streams/quiz/fields.ts";
import { toMessage } from "../../../src/streams/quiz/message.ts";
import { quizEvents } from "../../../src/streams/quiz/stream.ts";
import { answer, question, started } from "./events.ts";

const AT = "2026-01-31T11:00:00Z";

describe("the message of a posted event", () => {
  it("is the event as it came in its envelope, keyed by the session, with its type as a header", () => {
    const posted = question({ extra: "kept" });
    expect(toMessage(posted, AT)).toEqual({
      kind: "message",
      id: "e-q1",
      message: {
        key: "session-1",
        headers: { event_type: "QUESTION_PUBLISHED" },
        value: JSON.stringify({
          event_id: "e-q1",
          event_type: "QUESTION_PUBLISHED",
          session_id: "session-1",
          timestamp: AT,
          payload: posted,
        }),
      },
    });
  });

  it("carries what was posted byte for byte: numbers beyond 2^53, spaces and all", () => {
    const text = JSON.stringify(question()).replace("{", '{ "exact": 12345678901234567890, ');
    const made = toMessage(JSON.parse(text) as Json, AT, text);
    if (made.kind === "fault") throw new Error(made.reason);
    expect(made.message.value).toMatch(/^\{"event_id":/);
    expect(made.message.value.endsWith(`,"payload":${text}}`)).toBe(true);
    expect(JSON.parse(made.message.value)).toMatchObject({ timestamp: AT, payload: { event_id: "e-q1" } });
  });

  it.each([started(), question(), answer()])("is one that the stream stores: $event_type", (posted) => {
    const made = toMessage(posted, AT);
    if (made.kind === "fault") throw new Error(made.reason);
    const value = Buffer.from(made.message.value);
    expect(quizEvents.decode({ key: null, value, timestamp: -1 })).toMatchObject({ kind: "tables" });
  });

  it.each<[string, Json, string]>([
    ["no object", [started()], "event"],
    ["a NUL", answer({ answer: "a\0b" }), "event"],
    ["half a character", answer({ answer: "\ud83d" }), "event"],
    ["no zone", answer({ timestamp: "2026-01-31T10:00:00" }), "timestamp"],
    ["another type", answer({ event_type: "answer" }), "event_type"],
  ])("is none of an event with %s, and the field is named", (_, posted, field) => {
    expect(toMessage(posted, AT)).toMatchObject({
      kind: "fault",
      field,
      reason: expect.any(String) as string,
    });
  });

  it.each(FIELDS.flatMap(({ name, required }) => required.map((type) => [name, type] as const)))(
    "is none without %s of %s",
    (name, type) => {
      const posted = [started(), question(), answer()].find((event) => event["event_type"] === type)!;
      expect(toMessage({ ...posted, [name]: null }, AT)).toMatchObject({ kind: "fault", field: name });
    },
  );
});
