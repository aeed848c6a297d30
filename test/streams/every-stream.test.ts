import { describe, expect, it } from "vitest";
import type { Decoded } from "../../src/streams/define.ts";
import { STREAMS, streamNamed } from "../../src/streams/index.ts";
import { fixturesOf } from "./fixtures.ts";

describe("the list of streams", () => {
  it("gives every topic to one stream only", () => {
    const topics = STREAMS.map(({ topic }) => topic.name);
    expect(topics).toEqual([...new Set(topics)]);
  });

  it("gives every name to one stream only, and finds it by that name", () => {
    expect(STREAMS.map(({ name }) => streamNamed(name))).toEqual(STREAMS);
  });

  it("has nothing under a name that nobody has", () => {
    expect(streamNamed("cluster-inf")).toBeNull();
  });
});

describe.each(STREAMS)("stream $name", (stream) => {
  const accepted = fixturesOf(stream.name, "accepted");
  const rejected = fixturesOf(stream.name, "rejected");

  it("has records to accept and records to reject", () => {
    expect(accepted.length).toBeGreaterThan(0);
    expect(rejected.length).toBeGreaterThan(0);
  });

  it("sets the policy and the retention of its topic itself", () => {
    expect(stream.topic.config).toMatchObject({
      "cleanup.policy": expect.any(String) as string,
      "max.message.bytes": expect.any(String) as string,
    });
    expect(stream.topic.partitions).toBeGreaterThan(0);
  });

  it.each(accepted)("accepts $about ($name)", ({ records }) => {
    for (const record of records) {
      expect(stream.decode(record).kind).toBe(stream.target.kind === "tables" ? "tables" : "rows");
    }
  });

  it.each(accepted)("makes rows of JSON only of $about ($name)", ({ records }) => {
    const rows = rowsOf(records.map((record) => stream.decode(record)));
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
  });

  it.each(rejected)("rejects $about ($name)", ({ records, reason }) => {
    expect(records).toHaveLength(1);
    const [record] = records;
    const decoded = stream.decode(record!);
    expect(decoded).toMatchObject({ kind: "rejected" });
    expect(reasonOf(decoded)).toContain(reason);
    expect(reasonOf(decoded)).toMatch(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{10,400}$/u);
  });

  it.each([...accepted, ...rejected])("decodes twice to the same: $about ($name)", ({ records }) => {
    for (const record of records) expect(stream.decode(record)).toEqual(stream.decode(record));
  });
});

function rowsOf(decoded: readonly Decoded[]): readonly unknown[] {
  return decoded.flatMap((verdict) => {
    if (verdict.kind === "rejected") return [];
    return verdict.kind === "rows" ? verdict.rows : verdict.tables.flat();
  });
}

function reasonOf(decoded: Decoded): string {
  return decoded.kind === "rejected" ? decoded.reason : "";
}
