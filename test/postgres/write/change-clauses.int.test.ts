import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import type { Batch, RawRecord } from "../../../src/pipeline/ports.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { openLedger } from "../../../src/postgres/ledger.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { openWriter } from "../../../src/postgres/write/deliver.ts";
import { openWriterPool } from "../../../src/postgres/write/writer-pool.ts";
import { CHANGE, type Stream } from "../../../src/streams/define.ts";
import { testDatabase } from "../../support/servers.ts";
import { Wire } from "../../support/wire.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const never = new AbortController().signal;

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
  await migrate(connection);
  await connection.script(`CREATE TABLE copies (k text, id integer, n integer, t text, PRIMARY KEY (k, id))`);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.script("TRUNCATE copies, clusterflow.offsets, clusterflow.dead_letters");
});

/** Records are lists of changes as JSON. */
const stream: Stream = {
  name: "s",
  topic: { name: "s", partitions: 2, config: {} },
  group: "g",
  target: {
    kind: "tables",
    tables: [
      {
        table: ["public", "copies"],
        columns: { k: "text", id: "integer", n: "integer", t: "text" },
        identity: ["k", "id"],
        again: "change",
      },
    ],
  },
  decode: ({ value }) => ({ kind: "tables", tables: [[JSON.parse(String(value)) as JsonObject]] }),
};

async function claim(group = "g", partition = 0): Promise<bigint> {
  const [claimed] = await openLedger(connection, group, "test").claim([
    { topic: "s", partition, low: 0n, topicId: null },
  ]);
  return claimed!.epoch;
}

function batchOf(epoch: bigint, changes: readonly JsonObject[], start = 0, partition = 0): Batch {
  const records = changes.map((change, index): RawRecord => {
    const place = { topic: "s", partition, offset: BigInt(start + index) };
    return { ...place, timestamp: 0, key: null, value: Buffer.from(JSON.stringify(change)), headers: [] };
  });
  return {
    topic: "s",
    partition,
    epoch,
    start: BigInt(start),
    end: BigInt(start + changes.length),
    records,
  };
}

async function write(changes: readonly JsonObject[], cuts: readonly number[], group: string): Promise<void> {
  const deliver = openWriter({
    ...{ stream, group, connection, tell: () => undefined },
    giveUpAfterMs: null,
  });
  const epoch = await claim(group);
  for (let start = 0, batch = 0; start < changes.length; batch += 1) {
    const part = changes.slice(start, start + cuts[batch % cuts.length]!);
    expect(await deliver(batchOf(epoch, part, start), never)).toMatchObject({ deadLettered: 0 });
    start += part.length;
  }
}

async function shown(): Promise<unknown> {
  return connection.query(`SELECT k, id, n, t FROM copies ORDER BY k COLLATE "C", id`);
}

const key = (k: string, id: number): JsonObject => ({ k, id });
const remove = (k: string, id: number): JsonObject => ({ ...key(k, id), [CHANGE]: "delete" });
const truncate: JsonObject = { [CHANGE]: "truncate" };

/** What a person would say the table is after these changes. */
function modelOf(changes: readonly JsonObject[]): readonly JsonObject[] {
  const rows = new Map<string, JsonObject>();
  for (const { [CHANGE]: change, ...row } of changes) {
    const place = JSON.stringify([row["k"], row["id"]]);
    if (change === "truncate") rows.clear();
    else if (change === "delete") rows.delete(place);
    else rows.set(place, { n: null, t: null, ...rows.get(place), ...row });
  }
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

const keys = fc.record({ k: fc.constantFrom("a", "b"), id: fc.integer({ min: 1, max: 2 }) });
const n = fc.option(fc.integer({ min: 0, max: 9 }));
const t = fc.option(fc.constantFrom("x", "y", '{"\\'));
const change: fc.Arbitrary<readonly JsonObject[]> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ key: keys, n, t }).map((c) => [{ ...c.key, n: c.n, t: c.t }]) },
  { weight: 4, arbitrary: fc.record({ key: keys, n }).map((c) => [{ ...c.key, n: c.n }]) },
  { weight: 3, arbitrary: keys.map(({ k, id }) => [remove(k, id)]) },
  {
    weight: 2,
    arbitrary: fc
      .record({ from: keys, to: keys, n, t })
      .map(({ from, to, ...row }) => [remove(from.k, from.id), { ...to, ...row }]),
  },
  { weight: 1, arbitrary: fc.constant([truncate]) },
);

it("comes to what a plain model says, however it is cut into batches, and again when all is replayed", async () => {
  const history = fc.array(change, { minLength: 1, maxLength: 25 }).map((changes) => changes.flat());
  const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(history, cuts, cuts, async (changes, first, second) => {
      await connection.script("TRUNCATE copies");
      run += 1;
      await write(changes, first, `first-${run}`);
      expect(await shown()).toEqual(modelOf(changes));
      await write(changes, second, `second-${run}`);
      expect(await shown()).toEqual(modelOf(changes));
    }),
    { numRuns: 150, seed: SEED },
  );
});

it("takes a missing value from the table, and knows none for a row that is not there", async () => {
  await write([{ ...key("a", 1), n: 1, t: "long" }], [1], "one");
  await write(
    [
      { ...key("a", 1), n: 2 },
      { ...key("b", 1), n: 3 },
    ],
    [2],
    "two",
  );
  expect(await shown()).toEqual([
    { k: "a", id: 1, n: 2, t: "long" },
    { k: "b", id: 1, n: 3, t: null },
  ]);
});

it("deletes and empties nothing for a process that lost its partition", async () => {
  await write(
    [
      { ...key("a", 1), n: 1, t: "x" },
      { ...key("b", 1), n: 1, t: "x" },
    ],
    [2],
    "g",
  );
  const deliver = openWriter({ stream, group: "g", connection, tell: () => undefined, giveUpAfterMs: null });
  for (const lost of [[remove("a", 1)], [truncate]]) {
    expect(await deliver(batchOf(0n, lost, 2), never)).toEqual({ kind: "fenced" });
  }
  expect(await shown()).toHaveLength(2);
});

it("deletes once when the answer was lost", async () => {
  using wire = new Wire(database.settings.port);
  await using via = new Connection({ ...database.settings, port: await wire.listen() }, "lost answer");
  const deliver = openWriter({
    stream,
    group: "g",
    connection: via,
    tell: () => undefined,
    giveUpAfterMs: null,
  });
  const epoch = await claim();
  await deliver(batchOf(epoch, [{ ...key("a", 1), n: 1, t: "x" }]), never);
  wire.isMute = true;
  const pending = deliver(batchOf(epoch, [remove("a", 1), { ...key("b", 1), n: 2 }], 1), never);
  await expect.poll(shown).toEqual([{ k: "b", id: 1, n: 2, t: null }]);
  // somebody else puts the row there again: the lost statement must not come a second time
  await connection.script("INSERT INTO copies VALUES ('a', 1, 9, 'theirs')");
  wire.cut();
  expect(await pending).toEqual({ kind: "stored", stored: 2, deadLettered: 0 });
  expect(await shown()).toHaveLength(2);
});

it("writes partitions together, deletes too, but a truncate by itself", async () => {
  await using pool = openWriterPool({
    ...{ stream, group: "g", database: database.settings, size: 1, tell: () => undefined },
    giveUpAfterMs: null,
  });
  const epochs = [await claim("g", 0), await claim("g", 1)] as const;
  const statements = async (): Promise<unknown> =>
    (await connection.query("SELECT count(DISTINCT xmin::text)::integer AS n FROM clusterflow.offsets"))[0]![
      "n"
    ];
  const both = async (one: JsonObject, other: JsonObject, start: number): Promise<void> => {
    const batches = [batchOf(epochs[0], [one], start, 0), batchOf(epochs[1], [other], start, 1)];
    await Promise.all(batches.map((batch) => pool.deliver(batch, never)));
  };
  await both({ ...key("a", 1), n: 1, t: "x" }, { ...key("b", 1), n: 1, t: "x" }, 0);
  await both(remove("a", 1), { ...key("b", 2), n: 1 }, 1);
  expect(await statements()).toBe(1);
  expect(await shown()).toMatchObject([key("b", 1), key("b", 2)]);
  await both({ ...key("a", 3), n: 1, t: "x" }, truncate, 2);
  expect(await statements()).toBe(2);
  expect(await shown()).toEqual([]);
});
