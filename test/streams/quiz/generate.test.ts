import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { generateQuiz } from "../../../src/streams/quiz/generate.ts";
import { toMessage } from "../../../src/streams/quiz/message.ts";

const AT = Date.parse("2026-01-31T10:00:00Z");
const world = generateQuiz({ schools: 2, seed: 7, at: AT });
const ofType = (type: string): readonly JsonObject[] =>
  world.events.filter((event) => event["event_type"] === type);

describe("the made-up schools", () => {
  it("are the same for the same seed, and others for another", () => {
    expect(generateQuiz({ schools: 2, seed: 7, at: AT })).toEqual(world);
    expect(generateQuiz({ schools: 2, seed: 8, at: AT })).not.toEqual(world);
  });

  it("post only events that are taken, each with an id of its own", () => {
    expect(world.events.filter((event) => toMessage(event, "2026-01-31T11:00:00Z").kind === "fault")).toEqual(
      [],
    );
    const ids = world.events.map((event) => event["event_id"]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("have two sessions for each class and questions for each session", () => {
    expect(ofType("SESSION_STARTED")).toHaveLength(2 * 3 * 2);
    expect(ofType("QUESTION_PUBLISHED")).toHaveLength(2 * 3 * 2 * 5);
    expect(world.reference["classroom_students"]).toHaveLength(2 * 3 * 12);
  });

  it("have answers that are late, that are never given, and that overtake their question", () => {
    const place = new Map(world.events.map((event, index) => [event, index]));
    const keyOf = ({ session_id, question_id }: JsonObject): string =>
      JSON.stringify([session_id, question_id]);
    const published = new Map(ofType("QUESTION_PUBLISHED").map((event) => [keyOf(event), event]));
    const questionOf = (event: JsonObject): JsonObject => published.get(keyOf(event))!;
    const answers = ofType("ANSWER_SUBMITTED");
    const timeOf = (event: JsonObject): number => Date.parse(event["timestamp"] as string);
    const after = (event: JsonObject): number => timeOf(event) - timeOf(questionOf(event));
    expect(answers.some((event) => after(event) > 30_000)).toBe(true);
    expect(answers.some((event) => place.get(event)! < place.get(questionOf(event))!)).toBe(true);
    expect(answers.length).toBeLessThan(published.size * 12);
    expect(answers.length).toBeGreaterThan(published.size * 12 * 0.8);
  });
});
