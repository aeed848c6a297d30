import { expect, inject, it } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import { kafkaToPostgres } from "../../src/flows/kafka-to-postgres.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { generateQuiz } from "../../src/streams/quiz/generate.ts";
import { toMessage } from "../../src/streams/quiz/message.ts";
import { quizEvents } from "../../src/streams/quiz/stream.ts";
import { createTopic, produce, type ProducedMessage } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

function messageOf(event: JsonObject): ProducedMessage {
  const made = toMessage(event, "2026-01-31T12:00:00Z");
  if (made.kind === "fault") throw new Error(`${made.field} ${made.reason}`);
  return made.message;
}

it("stores each event of a quiz once in its table, in both forms and produced twice, and what is none nowhere", async () => {
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "judge");
  const brokers = inject("brokers");
  const topic = testTopicName("quiz");
  await createTopic(brokers, topic, quizEvents.topic.partitions);
  const { events } = generateQuiz({ schools: 1, seed: 1, at: Date.parse("2026-01-31T10:00:00Z") });
  const bare = events.map((event) => ({ key: event["session_id"] as string, value: JSON.stringify(event) }));
  const bad = { key: "s", value: JSON.stringify({ ...events[0], timestamp: "now" }) };
  await produce(brokers, topic, [...events.map(messageOf), bad, ...bare]);

  const deadLetters = { maxInARow: 100, topic: null };
  const settings = {
    kafka: { brokers, topic },
    database: database.settings,
    group: "g",
    deadLetters,
    http: null,
  };
  const options = { untilEnd: true, giveUpAfterMs: 60_000 };
  const run = { tell: () => undefined, signal: new AbortController().signal, environment: {} };
  const summary = await kafkaToPostgres(settings, quizEvents, options, run);

  expect(summary).toMatchObject({ stored: 2 * events.length, deadLettered: 1 });
  const stored = await connection.query(`
    SELECT event_id FROM session_started_events UNION ALL SELECT event_id FROM question_published_events
    UNION ALL SELECT event_id FROM answer_submitted_events`);
  expect(stored.map((row) => row["event_id"]).sort()).toEqual(
    events.map((event) => event["event_id"]).sort(),
  );
  const [letter] = await connection.query("SELECT reason FROM clusterflow.dead_letters");
  expect(letter!["reason"]).toContain("the field timestamp");
});
