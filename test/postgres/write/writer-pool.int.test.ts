import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Report } from "../../../src/core/report.ts";
import type { Moment } from "../../../src/pipeline/points.ts";
import type { Batch } from "../../../src/pipeline/ports.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { openLedger } from "../../../src/postgres/ledger.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { openWriterPool } from "../../../src/postgres/write/writer-pool.ts";
import type { Stream } from "../../../src/streams/define.ts";
import { testDatabase } from "../../support/servers.ts";
import { Wire } from "../../support/wire.ts";

/** Rows without a key: whatever is written twice is there twice. */
const PLACES: Stream = {
  name: "places",
  topic: { name: "places", partitions: 4, config: {} },
  group: "g",
  target: {
    kind: "tables",
    tables: [
      { table: ["public", "places"], columns: { p: "integer", n: "integer" }, identity: [], again: "keep" },
    ],
  },
  decode({ value }) {
    if (value === null) return { kind: "rejected", reason: "no value" };
    const [p, n] = value.toString().split("/").map(Number);
    return { kind: "rows", rows: [{ p: p!, n: n! }] };
  },
};
const never = new AbortController().signal;

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "judge");
  await migrate(connection);
  await connection.script("CREATE TABLE public.places (p integer, n integer CHECK (n < 1000))");
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.script("TRUNCATE public.places, clusterflow.offsets, clusterflow.dead_letters");
});

function openPool({ port = database.settings.port, size = 2, reports = [] as Report[] } = {}) {
  return openWriterPool({
    stream: PLACES,
    group: "g",
    database: { ...database.settings, port },
    size,
    tell: (report) => void reports.push(report),
    giveUpAfterMs: null,
  });
}

/** Claims the partition and makes a batch of so many records from where it stands. */
async function batchOf(
  partition: number,
  count: number,
  values: readonly (string | null)[] = [],
): Promise<Batch> {
  const place = { topic: "places", partition };
  const ledger = openLedger(connection, "g", "test");
  const [claim] = await ledger.claim([{ ...place, low: 0n, topicId: null }]);
  const { next: start, epoch } = claim!;
  const records = Array.from({ length: count }, (_, index) => {
    const text = values[index] === undefined ? `${partition}/${Number(start) + index}` : values[index];
    const value = text === null ? null : Buffer.from(text);
    return { ...place, offset: start + BigInt(index), timestamp: -1, key: null, value, headers: [] };
  });
  return { ...place, epoch, start, end: start + BigInt(count), records };
}
const batchesOf = (partitions: readonly number[], count: number): Promise<Batch[]> =>
  Promise.all(partitions.map((partition) => batchOf(partition, count)));

/** A statement each. */
async function transactions(): Promise<number> {
  const [row] = await connection.query("SELECT count(DISTINCT xmin::text)::integer AS n FROM public.places");
  return Number(row?.["n"]);
}
/** Rows of each partition, and where it stands. */
async function standing(): Promise<unknown> {
  const rows = await connection.query(`
    SELECT o.partition AS p, (SELECT count(*)::integer FROM public.places WHERE p = o.partition) AS rows,
           o.next_offset::integer AS next, o.stored::integer AS stored, o.dead_lettered::integer AS dead
      FROM clusterflow.offsets o ORDER BY 1`);
  return rows.map(({ p, rows: count, next, stored, dead }) => [p, count, next, stored, dead]);
}
const STORED = { kind: "stored", stored: 3, deadLettered: 0 };

it("writes small batches of several partitions that come in one moment by one statement", async () => {
  await using pool = openPool();
  const batches = await batchesOf([3, 0, 2, 1], 3);
  expect(await Promise.all(batches.map((one) => pool.deliver(one, never)))).toEqual(Array(4).fill(STORED));
  expect(await standing()).toEqual([0, 1, 2, 3].map((p) => [p, 3, 3, 3, 0]));
  expect(await transactions()).toBe(1);
});

it("writes large ones, and more than fits together, by statements of their own", async () => {
  await using pool = openPool();
  const large = await Promise.all([batchOf(0, 600), batchOf(1, 600)]);
  await Promise.all(large.map((one) => pool.deliver(one, never)));
  expect(await transactions()).toBe(2);
  const many = await batchesOf([0, 1, 2, 3], 300);
  await Promise.all(many.map((one) => pool.deliver(one, never)));
  expect(await transactions()).toBe(4); // 900 of the last 1,200 together
});

it("moves positions where a moment has no records", async () => {
  await using pool = openPool();
  const batches = (await batchesOf([0, 1], 0)).map((one) => ({ ...one, end: one.end + 5n }));
  await Promise.all(batches.map((one) => pool.deliver(one, never)));
  expect(await standing()).toEqual([
    [0, 0, 5, 0, 0],
    [1, 0, 5, 0, 0],
  ]);
});

it("stores the others when one partition is somebody else's, and of that one nothing", async () => {
  await using pool = openPool();
  const batches = await batchesOf([0, 1, 2], 3);
  await batchOf(1, 0); // claimed by another
  const deliveries = await Promise.all(batches.map((one) => pool.deliver(one, never)));
  expect(deliveries).toEqual([STORED, { kind: "fenced" }, STORED]);
  expect(await standing()).toEqual([
    [0, 3, 3, 3, 0],
    [1, 0, 0, 0, 0],
    [2, 3, 3, 3, 0],
  ]);
});

it("stores the others when records of one are refused, by the stream or by PostgreSQL", async () => {
  await using pool = openPool();
  const batches = await Promise.all([batchOf(0, 3), batchOf(1, 3, ["1/7", "1/5000"]), batchOf(2, 3)]);
  await Promise.all(batches.map((one) => pool.deliver(one, never)));
  const again = await Promise.all([batchOf(0, 3), batchOf(1, 3), batchOf(2, 3, ["2/7", null])]);
  await Promise.all(again.map((one) => pool.deliver(one, never)));
  expect(await standing()).toEqual([
    [0, 6, 6, 6, 0],
    [1, 5, 6, 5, 1],
    [2, 5, 6, 5, 1],
  ]);
});

it("finds out of each that a statement whose answer was lost had been carried out", async () => {
  using wire = new Wire(database.settings.port);
  await using pool = openPool({ port: await wire.listen(), size: 1 });
  const first = await batchesOf([0, 1, 2], 3);
  await Promise.all(first.map((one) => pool.deliver(one, never)));
  const second = await batchesOf([0, 1, 2], 3);
  wire.isMute = true;
  const pending = Promise.all(second.map((one) => pool.deliver(one, never)));
  while ((await transactions()) !== 2);
  wire.cut();
  expect(await pending).toEqual(Array(3).fill(STORED));
  expect(await standing()).toEqual([0, 1, 2].map((p) => [p, 6, 6, 6, 0]));
});

it("goes on with the others when one is given up while no answer comes", async () => {
  using wire = new Wire(database.settings.port);
  await using pool = openPool({ port: await wire.listen(), size: 1 });
  await Promise.all((await batchesOf([0, 1], 3)).map((one) => pool.deliver(one, never)));
  const [kept, given] = await batchesOf([0, 1], 3);
  wire.isMute = true;
  const giveUp = new AbortController();
  const keeping = pool.deliver(kept!, never);
  const giving = pool.deliver(given!, giveUp.signal);
  while ((await transactions()) !== 2);
  giveUp.abort("given up");
  await expect(giving).rejects.toBe("given up");
  wire.cut();
  expect(await keeping).toEqual(STORED);
  expect(await standing()).toEqual([0, 1].map((p) => [p, 6, 6, 6, 0]));
});

it("hides no fault of ours behind a second try", async () => {
  await using pool = openPool();
  const fault = new Error("a fault of ours");
  const onPoint = (moment: unknown): void => {
    const { point } = moment as Moment;
    if (point === "sent") (moment as Moment).fault = fault;
  };
  const batches = await batchesOf([0, 1], 3);
  subscribe("clusterflow:point", onPoint);
  try {
    const settled = await Promise.allSettled(batches.map((one) => pool.deliver(one, never)));
    expect(settled).toEqual(Array(2).fill({ status: "rejected", reason: fault }));
  } finally {
    unsubscribe("clusterflow:point", onPoint);
  }
});
