import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { declare } from "../../../src/streams/declared/declare.ts";
import { toStream, type DeclaredStream } from "../../../src/streams/declared/stream.ts";
import type { Decoded, RecordView } from "../../../src/streams/define.ts";

interface Column {
  readonly type: string;
  readonly [key: string]: unknown;
}

function streamOf(
  columns: Readonly<Record<string, Column>>,
  more: object = {},
  stream: object = {},
): DeclaredStream {
  const identity = [Object.keys(columns)[0]!];
  const tables = [{ table: "t", columns, identity, ...more }];
  const text = JSON.stringify({ version: 1, streams: [{ name: "s", topic: "t", tables, ...stream }] });
  const declared = declare("f.json", text);
  if (declared.kind === "faulty") throw new Error(JSON.stringify(declared.faults));
  return toStream(declared.streams[0]!);
}

function record(text: string | null, more: Partial<RecordView> = {}): RecordView {
  const value = text === null ? null : Buffer.from(text);
  return {
    key: null,
    value,
    timestamp: 1_767_225_600_000,
    topic: "t",
    partition: 2,
    offset: 7n,
    headers: [],
    ...more,
  };
}

function rowOf(decoded: Decoded): unknown {
  return decoded.kind === "tables" ? decoded.tables[0]?.[0] : decoded;
}

const ID = { id: { type: "text", path: "$.id" } };

describe("a column", () => {
  it.each([
    ["bigint", "9223372036854775807", "9223372036854775807"],
    ["bigint", "-9223372036854775808", "-9223372036854775808"],
    ["bigint", '"9007199254740993"', "9007199254740993"],
    ["bigint", "9007199254740993", "9007199254740993"],
    ["bigint", "1000000000000000000", "1000000000000000000"],
    ["numeric", "12345678901234567890.12345678901234567890", "12345678901234567890.12345678901234567890"],
    ["numeric", "1e30", "1e+30"],
    ["numeric(10,2)", "1.50", 1.5],
    ["double precision", "0.1", "0.1"],
    ["integer", "12", 12],
    ["boolean", "false", false],
    ["timestamptz", '"2026-01-31T10:00:00.5+02:00"', "2026-01-31T10:00:00.5+02:00"],
    ["date", '"2024-02-29"', "2024-02-29"],
    ["uuid", '"0b8f4a6e-5c1d-4f0e-9a52-3f1f3f7d2c11"', "0b8f4a6e-5c1d-4f0e-9a52-3f1f3f7d2c11"],
    [
      "jsonb",
      '{"a":[12345678901234567890,"12345678901234567890"]}',
      '{"a":[12345678901234567890,"12345678901234567890"]}',
    ],
    ["bytea", '"AQI="', "\\x0102"],
    ["bigint[]", "[1,null,9007199254740993]", [1, null, "9007199254740993"]],
    ["text", "null", null],
  ])("of type %s takes %s", (type, json, stored) => {
    const stream = streamOf({ ...ID, x: { type, path: "$.x" } });
    const row = rowOf(stream.decode(record(`{"id":"1","x":${json}}`)));
    expect(row).toEqual({ id: "1", x: type.startsWith("numeric(") ? String(stored) : stored });
  });

  it.each([
    ["bigint", "9223372036854775808", "a whole number of 64 bits, and $.x is another number"],
    ["bigint", "1.5", "a whole number of 64 bits, and $.x is another number"],
    ["integer", "2147483648", "a whole number from -2147483648 to 2147483647, and $.x is another number"],
    ["numeric(10,2)", "1.234", "a number with at most 2 decimals, and $.x is another number"],
    ["text", "12", "a text, and $.x is another number"],
    ["text", "12345678901234567890", "a text, and $.x is another number"],
    ["varchar(2)", '"abc"', "a text of at most 2 characters, and $.x is another text"],
    ["timestamptz", '"now"', "a time with its zone, such as 2026-01-31T10:00:00Z, and $.x is another text"],
    ["date", '"2023-02-29"', "a day, such as 2026-01-31, and $.x is another text"],
    ["uuid", "{}", "a UUID, and $.x is an object"],
    ["boolean", '"true"', "true or false, and $.x is another text"],
    ["text[]", '["a",1]', "a list, each a text, and $.x is a list"],
  ])("of type %s rejects %s and does not repeat it", (type, json, reason) => {
    const stream = streamOf({ ...ID, x: { type, path: "$.x" } });
    expect(stream.decode(record(`{"id":"1","x":${json}}`))).toEqual({
      kind: "rejected",
      reason: `column x wants ${reason}`,
    });
  });

  it("comes from where the record lies, its key, its time and its headers", () => {
    const stream = streamOf({
      p: { type: "integer", from: "partition" },
      o: { type: "bigint", from: "offset" },
      t: { type: "text", from: "topic" },
      k: { type: "text", from: "key" },
      at: { type: "timestamptz", from: "timestamp" },
      ms: { type: "bigint", from: "timestamp" },
      h: { type: "integer", from: "header:n" },
    });
    const headers = [
      ["n", Buffer.from("1")],
      ["n", Buffer.from("2")],
    ] as const;
    expect(rowOf(stream.decode(record("{}", { key: Buffer.from("k"), headers })))).toEqual({
      p: 2,
      o: "7",
      t: "t",
      k: "k",
      at: "2026-01-01T00:00:00.000Z",
      ms: 1_767_225_600_000,
      h: 2,
    });
    expect(rowOf(stream.decode(record("{}", { timestamp: -1 })))).toMatchObject({
      at: null,
      ms: null,
      h: null,
    });
    expect(stream.decode(record("{}", { key: Buffer.from([0xff]) }))).toEqual({
      kind: "rejected",
      reason: "column k wants a text, and key is not UTF-8",
    });
  });

  it("has a default where there is nothing, or is required", () => {
    const stream = streamOf({
      ...ID,
      a: { type: "bigint", path: "$.a", default: 9007199254740993n.toString() },
      b: { type: "text", path: "$.b", required: true },
      at: { type: "timestamptz", path: "$.at", unit: "s" },
    });
    expect(rowOf(stream.decode(record('{"id":"1","b":"x","at":1767225600}')))).toEqual({
      id: "1",
      a: "9007199254740993",
      b: "x",
      at: "2026-01-01T00:00:00.000Z",
    });
    expect(stream.decode(record('{"id":"1"}'))).toMatchObject({
      reason: "column b wants a text, and $.b is missing",
    });
    expect(stream.decode(record('{"b":"1"}'))).toMatchObject({
      reason: "column id wants a text, and $.id is missing",
    });
  });

  it("finds what was sent and nothing that JavaScript has besides", () => {
    const stream = streamOf({
      ...ID,
      x: { type: "jsonb", path: "$.a.constructor" },
      y: { type: "text", path: '$["a b"][1].c' },
    });
    expect(rowOf(stream.decode(record('{"id":"1","a":{},"a b":[0,{"c":"z"}]}')))).toEqual({
      id: "1",
      x: null,
      y: "z",
    });
  });
});

describe("a record", () => {
  const typed = { when: { path: "$.type", equals: ["a", "b"] } };

  it("goes into the tables whose condition holds", () => {
    const stream = streamOf(ID, typed);
    expect(rowOf(stream.decode(record('{"id":"1","type":"b"}')))).toEqual({ id: "1" });
    expect(stream.decode(record('{"id":"1","type":"c"}'))).toEqual({
      kind: "rejected",
      reason: "no table takes the record: $.type has none of the values that are declared",
    });
  });

  it("that no table takes is passed over when the file says so", () => {
    const stream = streamOf(ID, typed, { unmatched: "skip" });
    expect(stream.decode(record('{"id":"1"}'))).toEqual({ kind: "tables", tables: [[]] });
  });

  it.each([
    [null, "the record has no value (a tombstone), and a declared stream deletes nothing"],
    ["", "the value is empty"],
    ["{", "the value is not JSON: it ends too early, after 1 bytes"],
    ["[]", "column id wants a text, and $.id is missing"],
  ])("is rejected: %s", (text, reason) => {
    expect(streamOf(ID).decode(record(text))).toEqual({ kind: "rejected", reason });
  });

  it("has in its columns what was sent, whatever it was", () => {
    const stream = streamOf({
      id: { type: "bigint", path: "$.id" },
      n: { type: "numeric", path: "$.deep.n" },
      doc: { type: "jsonb", path: "$.doc" },
      text: { type: "text", path: "$.text" },
    });
    const sent = fc.record({
      id: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      n: fc.tuple(fc.bigInt(-(10n ** 40n), 10n ** 40n), fc.stringMatching(/^[0-9]{1,30}$/)),
      doc: fc.jsonValue(),
      text: fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
    });
    fc.assert(
      fc.property(sent, ({ id, n, doc, text }) => {
        const number = `${n[0]}.${n[1]}`;
        const json = `{"id":${id},"deep":{"n":${number}},"doc":${JSON.stringify(doc)},"text":${JSON.stringify(text)}}`;
        const decoded = stream.decode(record(json));
        if (decoded.kind === "rejected") {
          expect(decoded.reason).toMatch(/^the value /);
          return;
        }
        const row = rowOf(decoded) as Readonly<Record<string, string | number | null>>;
        expect(String(row["id"])).toBe(String(id));
        expect(row["text"]).toBe(text);
        expect(row["doc"] === null ? null : JSON.parse(String(row["doc"]))).toEqual(
          JSON.parse(JSON.stringify(doc)),
        );
        if (number.length > 16) expect(row["n"]).toBe(number);
        else expect(Number(row["n"])).toBe(Number(number));
      }),
    );
  });
});
