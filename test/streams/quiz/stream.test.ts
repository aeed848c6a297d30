import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../src/core/json.ts";
import type { Decoded } from "../../../src/streams/define.ts";
import { quizEvents } from "../../../src/streams/quiz/stream.ts";
import { answer, question, started } from "./events.ts";

const RECORDED = Date.parse("2026-01-31T12:00:00Z");

function decode(value: Json, timestamp: number | bigint = RECORDED): Decoded {
  return quizEvents.decode({ key: null, value: Buffer.from(JSON.stringify(value)), timestamp });
}
function tablesOf(value: Json, timestamp?: number | bigint): readonly (readonly JsonObject[])[] {
  const decoded = decode(value, timestamp);
  if (decoded.kind !== "tables") throw new Error(JSON.stringify(decoded));
  return decoded.tables;
}
const rowOf = (value: Json, timestamp?: number | bigint): JsonObject => tablesOf(value, timestamp).flat()[0]!;
const enveloped = (event: JsonObject, timestamp: Json = "2026-01-31T11:00:00Z"): JsonObject => {
  const { event_id = null, event_type = null, session_id = null } = event;
  return { event_id, event_type, session_id, timestamp, payload: event };
};

describe("the stream", () => {
  it("is what its users know: topic, partitions, a week, group", () => {
    const { topic, group } = quizEvents;
    expect([topic.name, topic.partitions, group]).toEqual(["quiz-events", 3, "analytics-event-processors"]);
    expect(topic.config).toMatchObject({ "cleanup.policy": "delete", "retention.ms": "604800000" });
  });

  it("has one row for one table of each event", () => {
    expect(tablesOf(started()).map((rows) => rows.length)).toEqual([1, 0, 0]);
    expect(tablesOf(question()).map((rows) => rows.length)).toEqual([0, 1, 0]);
    expect(tablesOf(answer()).map((rows) => rows.length)).toEqual([0, 0, 1]);
  });

  it("makes rows whose members are all columns, and fills every column that is not optional", () => {
    if (quizEvents.target.kind !== "tables") throw new Error("no tables");
    for (const [index, event] of [started(), question(), answer()].entries()) {
      const columns = Object.keys(quizEvents.target.tables[index]!.columns);
      expect(Object.keys(rowOf(event)).filter((name) => !columns.includes(name))).toEqual([]);
      expect(columns.filter((name) => rowOf(event)[name] === undefined)).toEqual([]);
    }
  });

  it("reads an event in its envelope as the same event", () => {
    const bare = { ...rowOf(answer()), received_at: null };
    expect({ ...rowOf(enveloped(answer())), received_at: null }).toEqual(bare);
  });
});

describe("the times", () => {
  it("takes the event's own, not the envelope's, and keeps the envelope's as when it was received", () => {
    const row = rowOf(enveloped(answer({ timestamp: "2026-01-31T10:00:05.5+01:00" })));
    expect(row["submitted_at"]).toBe("2026-01-31T10:00:05.5+01:00");
    expect(row["received_at"]).toBe("2026-01-31T11:00:00Z");
  });

  it("takes Kafka's time as when an event without an envelope was received", () => {
    expect(rowOf(answer())["received_at"]).toBe("2026-01-31T12:00:00.000Z");
    expect(rowOf(answer(), BigInt(RECORDED))["received_at"]).toBe("2026-01-31T12:00:00.000Z");
  });

  it.each([-1, 2 ** 53, 9e15, 253_402_300_800_000])("knows no time of receipt from %d", (timestamp) => {
    expect(rowOf(answer(), timestamp)["received_at"]).toBeNull();
  });

  it("does not refuse an event because its envelope's time cannot be read", () => {
    expect(rowOf(enveloped(answer(), "noon"))["received_at"]).toBe("2026-01-31T12:00:00.000Z");
  });
});

describe("what is optional", () => {
  it("stores no timer as 0, and what the event does not tell as nothing", () => {
    expect(rowOf(question({ timer_sec: null }))["timer_duration_sec"]).toBe(0);
    expect(rowOf(answer({ response_time_ms: null, teacher_id: "" }))).toMatchObject({
      response_time_ms: null,
      teacher_id: null,
    });
  });

  it("keeps the response time", () => {
    expect(rowOf(answer({ response_time_ms: 0 }))["response_time_ms"]).toBe(0);
  });
});

describe("ids", () => {
  it("writes a UUID in lower case, and any other text as it is", () => {
    const upper = "900E8400-E29B-41D4-A716-446655440000";
    const row = rowOf(answer({ session_id: upper, event_id: "Test-001" }));
    expect(row).toMatchObject({ session_id: upper.toLowerCase(), event_id: "Test-001" });
  });

  it("takes an envelope and an event that spell the same UUID differently", () => {
    const upper = "900E8400-E29B-41D4-A716-446655440000";
    const message = { ...enveloped(answer({ session_id: upper.toLowerCase() })), session_id: upper };
    expect(rowOf(message)["session_id"]).toBe(upper.toLowerCase());
  });

  it("takes from the envelope what the event inside does not repeat", () => {
    const inner: Record<string, Json> = { ...answer() };
    delete inner["session_id"];
    expect(rowOf({ ...enveloped(inner), session_id: "of the envelope" })["session_id"]).toBe(
      "of the envelope",
    );
  });
});

it("quotes nothing of what it refuses", () => {
  for (const field of ["event_type", "timestamp", "timer_sec"]) {
    const decoded = decode(question({ [field]: "s3cret" }));
    expect(decoded).toMatchObject({ kind: "rejected" });
    expect(JSON.stringify(decoded)).not.toContain("s3cret");
  }
});
