import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import type { Batch, RawRecord } from "../../../src/pipeline/ports.ts";
import type { Sight } from "../../../src/pipeline/observe.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { openLedger } from "../../../src/postgres/ledger.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { openWriter } from "../../../src/postgres/write/deliver.ts";
import type { Decoded, Stream, Table } from "../../../src/streams/define.ts";
import { testDatabase } from "../../support/servers.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const never = new AbortController().signal;

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
  await migrate(connection);
  await connection.script(`
    CREATE TABLE kinds (i integer, big bigint, num numeric(6,2), t text, v varchar(3), c char(3), bits bit(3), b boolean,
                        at timestamptz, d date, j jsonb, js json, list integer[], words text[], u uuid, f float8);
    CREATE TABLE people (id integer PRIMARY KEY, name text);
    CREATE TABLE visits (id integer, place text CHECK (place <> 'nowhere'));
    CREATE TABLE pairs (a integer, b text, n integer, UNIQUE (a, b))`);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.script(
    "TRUNCATE kinds, people, visits, pairs, clusterflow.offsets, clusterflow.dead_letters",
  );
});

const KINDS: Table = {
  table: ["public", "kinds"],
  columns: {
    i: "integer",
    big: "bigint",
    num: "numeric(6,2)",
    t: "text",
    v: "varchar(3)",
    c: "char(3)",
    bits: "bit(3)",
    b: "boolean",
    at: "timestamptz",
    d: "date",
    j: "jsonb",
    js: "json",
    list: "integer[]",
    words: "text[]",
    u: "uuid",
    f: "float8",
  },
  identity: [],
  again: "keep",
};
const PEOPLE: Table = {
  table: ["public", "people"],
  columns: { id: "integer", name: "text" },
  identity: ["id"],
  again: "replace",
};
const VISITS: Table = {
  table: ["public", "visits"],
  columns: { id: "integer", place: "text" },
  identity: [],
  again: "keep",
};
const PAIRS: Table = {
  table: ["public", "pairs"],
  columns: { a: "integer", b: "text", n: "integer" },
  identity: ["a", "b"],
  again: "replace",
};

/** A stream whose records are the rows themselves: an object for the first table, or a list of rows for each table. */
function streamInto(...tables: readonly Table[]): Stream {
  return {
    name: "s",
    topic: { name: "s", partitions: 2, config: {} },
    group: "g",
    target: { kind: "tables", tables },
    decode({ value }): Decoded {
      const said = JSON.parse(String(value)) as JsonObject | JsonObject[][];
      return Array.isArray(said) ? { kind: "tables", tables: said } : { kind: "rows", rows: [said] };
    },
  };
}

async function claim(partition = 0): Promise<bigint> {
  const [claimed] = await openLedger(connection, "g", "test").claim([
    { topic: "s", partition, low: 0n, topicId: null },
  ]);
  return claimed!.epoch;
}

function batchOf(epoch: bigint, values: readonly unknown[], start = 0, partition = 0): Batch {
  const records = values.map((value, index): RawRecord => ({
    topic: "s",
    partition,
    offset: BigInt(start + index),
    timestamp: 0,
    key: null,
    value: Buffer.from(JSON.stringify(value)),
    headers: [],
  }));
  return {
    topic: "s",
    partition,
    epoch,
    start: BigInt(start),
    end: BigInt(start + values.length),
    records,
  };
}

async function write(stream: Stream, values: readonly unknown[]): Promise<unknown> {
  const deliver = openWriter({
    stream,
    group: "g",
    connection,
    tell: () => undefined,
    giveUpAfterMs: null,
  });
  const [row] = await connection.query("SELECT next_offset, epoch FROM clusterflow.offsets");
  const epoch = row === undefined ? await claim() : (row["epoch"] as bigint);
  return deliver(batchOf(epoch, values, Number(row?.["next_offset"] ?? 0)), never);
}

/** Not a whole number beyond 2^53, which goes to the dead letters. */
function isExact(value: unknown): boolean {
  return typeof value !== "number" || !Number.isInteger(value) || Number.isSafeInteger(value);
}

async function rowsOf(sql: string): Promise<unknown[]> {
  return (await connection.query(sql)).map((row) => ({ ...row }));
}

describe("columns", () => {
  it("take what JSON holds as PostgreSQL's own reading of JSON does", async () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.constantFrom(
        "",
        "null",
        "NULL",
        "{}",
        '"',
        "\\",
        '\\"',
        "a,b",
        "\n\t\r\b\f",
        "\u0001\u001f\u007f",
        "é😀\u2028",
        " x ",
      ),
    );
    const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes("\\u0000"));
    const row = fc
      .record(
        {
          i: fc.oneof(
            fc.integer({ min: -2147483648, max: 2147483647 }),
            fc.integer({ min: 0, max: 99 }).map(String),
          ),
          big: fc.maxSafeInteger(),
          num: fc.double({ min: -999, max: 999, noNaN: true }),
          t: fc.oneof(text, fc.integer(), fc.boolean(), json.filter(isExact)),
          v: fc.string({ unit: "grapheme-ascii", maxLength: 3 }),
          c: fc.constantFrom("abc", "a", ""),
          bits: fc.constantFrom("101", "000"),
          b: fc.oneof(fc.boolean(), fc.constantFrom("t", "no", "on")),
          at: fc.constantFrom("2026-01-02T03:04:05.678901Z", "2026-01-02 03:04+02", "infinity"),
          d: fc.constantFrom("2026-02-28", "0001-01-01"),
          j: json,
          js: fc.constantFrom({ b: 1, a: [null, "\u0001"] }, [1, 2], "x", 0, false),
          list: fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(null)), { maxLength: 3 }),
          words: fc.array(text, { maxLength: 3 }),
          u: fc.uuid(),
          f: fc
            .double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 })
            .filter((n) => !Number.isInteger(n)),
        },
        { requiredKeys: [] },
      )
      .filter((it) => !JSON.stringify(it).includes("\\u0000"));
    await connection.script("CREATE TABLE judge (LIKE kinds)");
    const names = Object.keys(KINDS.columns).join(", ");
    const typed = Object.entries(KINDS.columns)
      .map(([name, type]) => `${name} ${type}`)
      .join(", ");
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        await connection.script("TRUNCATE kinds, judge, clusterflow.offsets");
        const clean = JSON.parse(JSON.stringify(rows)) as JsonObject[];
        expect(await write(streamInto(KINDS), clean)).toEqual({
          kind: "stored",
          stored: rows.length,
          deadLettered: 0,
        });
        await connection.query(
          `INSERT INTO judge (${names}) SELECT ${names} FROM json_to_recordset($1::text::json) AS r (${typed})`,
          [JSON.stringify(clean)],
        );
        const [both] = await connection.query(`
          SELECT (SELECT jsonb_agg(taken) FROM (SELECT *, js::text AS js FROM kinds) taken)::text AS ours,
                 (SELECT jsonb_agg(taken) FROM (SELECT *, js::text AS js FROM judge) taken)::text AS theirs`);
        expect(both!["ours"]).toBe(both!["theirs"]);
      }),
      { numRuns: 150, seed: SEED },
    );
  });

  it("refuse a value that is too long instead of cutting it, and a number that is not known any more", async () => {
    const values = [{ v: "abc" }, { v: "abcd" }, { c: "abcd" }, { bits: "1011" }, { v: "end" }];
    expect(await write(streamInto(KINDS), values)).toEqual({ kind: "stored", stored: 2, deadLettered: 3 });
    await connection.query("TRUNCATE clusterflow.offsets");
    const beyond = streamInto(KINDS);
    const numbers = ['{"big":9007199254740993}', '{"num":1e999}', '{"big":9007199254740991}'];
    const batch = batchOf(
      await claim(),
      numbers.map(() => null),
    );
    const records = batch.records.map((one, index) => ({ ...one, value: Buffer.from(numbers[index]!) }));
    const deliver = openWriter({
      stream: beyond,
      group: "g",
      connection,
      tell: () => undefined,
      giveUpAfterMs: null,
    });
    expect(await deliver({ ...batch, records }, never)).toEqual({
      kind: "stored",
      stored: 1,
      deadLettered: 2,
    });
    expect(await rowsOf("SELECT DISTINCT sqlstate, stage FROM clusterflow.dead_letters ORDER BY 1")).toEqual([
      { sqlstate: "22001", stage: "write" },
      { sqlstate: "22003", stage: "write" },
      { sqlstate: "22026", stage: "write" },
    ]);
    expect(await rowsOf("SELECT big FROM kinds WHERE big IS NOT NULL")).toEqual([{ big: 9007199254740991n }]);
  });
});

describe("a table with an identity", () => {
  it("has the last row of each fact, within a batch and over batches", async () => {
    await write(streamInto(PEOPLE), [
      { id: 1, name: "a" },
      { id: 2, name: "b" },
      { id: 1, name: "c" },
    ]);
    await write(streamInto(PEOPLE), [
      { id: 2, name: null },
      { id: 3, name: "d" },
    ]);
    expect(await rowsOf("SELECT * FROM people ORDER BY id")).toEqual([
      { id: 1, name: "c" },
      { id: 2, name: null },
      { id: 3, name: "d" },
    ]);
  });

  it("keeps the first row where it is told to, and has pairs as identity too", async () => {
    const keeping = streamInto({ ...PEOPLE, again: "keep" });
    await write(keeping, [
      { id: 1, name: "a" },
      { id: 1, name: "b" },
    ]);
    await write(keeping, [{ id: 1, name: "c" }]);
    expect(await rowsOf("SELECT * FROM people")).toEqual([{ id: 1, name: "a" }]);
    await connection.query("TRUNCATE clusterflow.offsets");
    const pairs = [
      { a: 1, b: "x", n: 1 },
      { a: 1, b: "y", n: 2 },
      { a: 1, b: "x", n: 3 },
      { a: 1, n: 4 },
    ];
    await write(streamInto(PAIRS), pairs);
    expect(await rowsOf("SELECT n FROM pairs ORDER BY n")).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
  });

  it("stores one fact that is spelled in two ways, without a dead letter", async () => {
    const people = [
      { id: 7, name: "a" },
      { id: "7", name: "b" },
      { id: 8, name: "c" },
      { id: "07", name: "d" },
    ];
    expect(await write(streamInto(PEOPLE), people)).toEqual({ kind: "stored", stored: 4, deadLettered: 0 });
    expect(await rowsOf("SELECT * FROM people ORDER BY id")).toEqual([
      { id: 7, name: "d" },
      { id: 8, name: "c" },
    ]);
  });

  it("is written by two writers in opposite order without a deadlock", async () => {
    const up = Array.from({ length: 300 }, (_, id) => ({ id, name: "up" }));
    const down = up.toReversed().map(({ id }) => ({ id, name: "down" }));
    const epochs = [await claim(0), await claim(1)];
    const retries: Sight[] = [];
    const observe = (sight: Sight): void => {
      if (sight.kind === "retry") retries.push(sight);
    };
    await using other = new Connection(database.settings, "other");
    const writers = [connection, other].map((via) =>
      openWriter({
        stream: streamInto(PEOPLE),
        group: "g",
        connection: via,
        tell: () => undefined,
        giveUpAfterMs: null,
        observe,
      }),
    );
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(
        [up, down].map((rows, partition) =>
          writers[partition]!(batchOf(epochs[partition]!, rows, round * 300, partition), never),
        ),
      );
    }
    expect(retries).toEqual([]);
    expect(await rowsOf("SELECT count(*)::integer AS n FROM people")).toEqual([{ n: 300 }]);
  });
});

describe("several tables", () => {
  it("get the rows of a batch together or not at all", async () => {
    const stream = streamInto(PEOPLE, VISITS);
    const good = [
      [{ id: 1, name: "a" }],
      [
        { id: 1, place: "x" },
        { id: 1, place: "y" },
      ],
    ];
    const bad = [[{ id: 2, name: "b" }], [{ id: 2, place: "nowhere" }]];
    const visit = [[], [{ id: 3, place: "z" }]];
    expect(await write(stream, [good, bad, visit, good])).toEqual({
      kind: "stored",
      stored: 3,
      deadLettered: 1,
    });
    expect(await rowsOf("SELECT id FROM people")).toEqual([{ id: 1 }]);
    expect(await rowsOf("SELECT id, count(*)::integer AS n FROM visits GROUP BY 1 ORDER BY 1")).toEqual([
      { id: 1, n: 4 },
      { id: 3, n: 1 },
    ]);
    expect(await rowsOf(`SELECT "offset", sqlstate FROM clusterflow.dead_letters`)).toEqual([
      { offset: 1n, sqlstate: "23514" },
    ]);
  });

  it("get nothing from a process that lost its partition", async () => {
    const stream = streamInto(PEOPLE, VISITS);
    const epoch = await claim();
    await claim();
    const deliver = openWriter({
      stream,
      group: "g",
      connection,
      tell: () => undefined,
      giveUpAfterMs: null,
    });
    const batch = batchOf(epoch, [[[{ id: 1 }], [{ id: 1, place: "x" }]]]);
    expect(await deliver(batch, never)).toEqual({ kind: "fenced" });
    expect(await rowsOf("SELECT 1 FROM people UNION ALL SELECT 1 FROM visits")).toEqual([]);
  });
});
