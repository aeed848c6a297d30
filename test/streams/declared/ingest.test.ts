import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { declare } from "../../../src/streams/declared/declare.ts";
import { toStream, type DeclaredStream } from "../../../src/streams/declared/stream.ts";
import type { Ingested } from "../../../src/streams/define.ts";

const AT = "2026-01-31T11:00:00Z";
const ID = { type: "text", path: "$.id" };

function streamOf(
  columns: object,
  identity: readonly string[],
  stream: object = { key: "$.user" },
): DeclaredStream {
  const tables = [{ table: "t", columns, identity }];
  const text = JSON.stringify({ version: 1, streams: [{ name: "s", topic: "t", tables, ...stream }] });
  const declared = declare("f.json", text);
  if (declared.kind === "faulty") throw new Error(JSON.stringify(declared.faults));
  return toStream(declared.streams[0]!);
}

function posted(stream: DeclaredStream, text: string): Ingested | undefined {
  return stream.ingest?.toMessage(JSON.parse(text) as JsonObject, text, AT);
}

describe("an event for a declared stream", () => {
  it("becomes the message itself, byte for byte, under its key and its identity", () => {
    const stream = streamOf({ id: ID, amount: { type: "bigint", path: "$.n" } }, ["id"]);
    const text = '{ "id":"e1", "user": 9007199254740993, "n": 9223372036854775807 }';
    expect(posted(stream, text)).toEqual({
      kind: "message",
      id: "e1",
      message: { key: "9007199254740993", headers: {}, value: text },
    });
  });

  it("is refused as the consumer would refuse it, and without its key", () => {
    const stream = streamOf({ id: ID }, ["id"]);
    expect(posted(stream, '{"user":"u"}')).toMatchObject({ kind: "fault", field: null });
    expect(posted(stream, '{"id":"e1","user":{}}')).toMatchObject({ kind: "fault", field: "$.user" });
    expect(streamOf({ id: ID }, ["id"], {}).ingest).toBeUndefined();
  });

  it("may be known by where it lies in Kafka, and then has no way around it", () => {
    const place = { p: { type: "integer", from: "partition" }, o: { type: "bigint", from: "offset" } };
    const stream = streamOf({ ...place, id: ID }, ["p", "o"]);
    expect(posted(stream, '{"id":"e1","user":"u"}')).toMatchObject({ kind: "message", id: "0/0" });
    expect(stream.ingest?.onlyThroughKafka).toContain("column p of table public.t");
    expect(streamOf({ id: ID }, ["id"]).ingest?.onlyThroughKafka).toBeNull();
  });
});
