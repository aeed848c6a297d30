import { expect, it } from "vitest";
import { relayHeaders } from "../../src/pipeline/relay-headers.ts";
import type { DeadLetter } from "../../src/pipeline/relay.ts";

const letter: DeadLetter = {
  id: 7n,
  record: {
    topic: "orders",
    partition: 3,
    offset: 9_007_199_254_740_993n,
    timestamp: 1_700_000_000_123,
    key: null,
    value: null,
    headers: [],
  },
  stage: "write",
  sqlstate: "23502",
  reason: "null value",
  firstSeen: new Date("2026-01-02T03:04:05.678Z"),
  headersText: "[]",
};

it("tells where a record came from and why it is here in Kafka Connect's words and in ours", () => {
  expect(relayHeaders(letter, "group-a", "events")).toEqual({
    "__connect.errors.topic": "orders",
    "__connect.errors.partition": "3",
    "__connect.errors.offset": "9007199254740993",
    "__connect.errors.connector.name": "group-a",
    "__connect.errors.task.id": "0",
    "__connect.errors.stage": "TASK_PUT",
    "__connect.errors.class.name": "clusterflow.postgresql",
    "__connect.errors.exception.class.name": "PostgresError",
    "__connect.errors.exception.message": "null value",
    "clusterflow.dlq.group": "group-a",
    "clusterflow.dlq.sqlstate": "23502",
    "clusterflow.dlq.first-seen": "2026-01-02T03:04:05.678Z",
    "clusterflow.dlq.timestamp": "1700000000123",
  });
});

it("says that the stream refused a record, which has no SQLSTATE", () => {
  const refused: DeadLetter = { ...letter, stage: "decode", sqlstate: null, reason: "no JSON" };
  const headers = relayHeaders(refused, "group-a", "events");
  expect(headers).toMatchObject({
    "__connect.errors.stage": "VALUE_CONVERTER",
    "__connect.errors.class.name": "clusterflow.events",
    "__connect.errors.exception.class.name": "Rejected",
  });
  expect(headers).not.toHaveProperty(["clusterflow.dlq.sqlstate"]);
});
