import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Report } from "../../../src/core/report.ts";
import { Breaker } from "../../../src/pipeline/breaker.ts";
import { Observed } from "../../../src/pipeline/observed.ts";
import { judgeHealth } from "../../../src/pipeline/health.ts";
import type { Batch, Deliver, RawRecord } from "../../../src/pipeline/ports.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { openLedger } from "../../../src/postgres/ledger.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { openWriterPool } from "../../../src/postgres/write/writer-pool.ts";
import type { Stream } from "../../../src/streams/define.ts";
import { testDatabase } from "../../support/servers.ts";

/** Rows without a key: whatever is written twice is there twice. */
const EVENTS: Stream = {
  name: "events",
  topic: { name: "events", partitions: 2, config: {} },
  group: "g",
  target: {
    kind: "tables",
    tables: [
      { table: ["public", "events"], columns: { p: "integer", n: "integer" }, identity: [], again: "keep" },
    ],
  },
  decode({ value }) {
    if (value === null) return { kind: "rejected", reason: "no value" };
    const [p, n] = value.toString().split("/").map(Number);
    return { kind: "rows", rows: [{ p: p!, n: n! }] };
  },
};
const LIMIT = 5;
const never = new AbortController().signal;

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "judge");
  await migrate(connection);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.script(
    `DROP TABLE IF EXISTS public.events; CREATE TABLE public.events (p integer, n integer);
     TRUNCATE clusterflow.offsets, clusterflow.dead_letters`,
  );
});

const ALTER = "ALTER TABLE public.events ADD CONSTRAINT narrow CHECK (n < 0) NOT VALID";
const ALTER_ONE = "ALTER TABLE public.events ADD CONSTRAINT narrow CHECK (p <> 0 OR n < 0) NOT VALID";
const ALTER_BACK = "ALTER TABLE public.events DROP CONSTRAINT narrow";

/** One process's writers. */
function openProcess(giveUpAfterMs: number | null = null) {
  const reports: Report[] = [];
  const observed = new Observed("events");
  const pool = openWriterPool({
    stream: EVENTS,
    group: "g",
    database: database.settings,
    size: 2,
    tell: (report) => void reports.push(report),
    giveUpAfterMs,
    observe: observed.see,
    breaker: new Breaker(LIMIT),
  });
  return { pool, reports, observed };
}

/** Claims a partition and makes a batch of it from where it stands. */
async function batchOf(partition: number, values: readonly (string | null)[]): Promise<Batch> {
  const place = { topic: "events", partition };
  const [claim] = await openLedger(connection, "g", "test").claim([{ ...place, low: 0n, topicId: null }]);
  const { next: start, epoch } = claim!;
  const records = values.map((value, index): RawRecord => ({
    ...place,
    offset: start + BigInt(index),
    timestamp: -1,
    key: null,
    value: value === null ? null : Buffer.from(value),
    headers: [],
  }));
  return { ...place, epoch, start, end: start + BigInt(values.length), records };
}

const good = (partition: number, count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `${partition}/${from + index}`);

async function count(table: "public.events" | "clusterflow.dead_letters"): Promise<unknown> {
  return (await connection.query(`SELECT count(*)::integer AS n FROM ${table}`))[0]?.["n"];
}
async function accounts(): Promise<unknown> {
  const sql = `SELECT sum(next_offset)::integer AS came, sum(stored)::integer AS stored, sum(dead_lettered)::integer AS dead FROM clusterflow.offsets`;
  return (await connection.query(sql))[0];
}
const untilWaiting = (reports: readonly Report[], times = 1): Promise<void> =>
  expect.poll(() => reports.filter(({ kind }) => kind === "waiting").length, { timeout: 10_000 }).toBe(times);

it("waits when one record after the other is refused, and goes on by itself when the table is altered back", async () => {
  const { pool, reports, observed } = openProcess();
  await using writers = pool;
  await writers.deliver(await batchOf(0, good(0, 3)), never);
  await connection.script(ALTER);
  const pending = writers.deliver(await batchOf(0, good(0, 400, 3)), never);
  await untilWaiting(reports);
  const reason = `it refused ${LIMIT} records in a row, and refuses the next one: new row for relation "events" violates check constraint "narrow"`;
  expect(reports.find(({ kind }) => kind === "waiting")).toMatchObject({ reason });
  expect(await count("clusterflow.dead_letters")).toBe(LIMIT);
  expect(judgeHealth(observed, 0)).toMatchObject({
    notAlive: null,
    notReady: expect.stringMatching(/^waiting for postgresql/) as string,
  });
  expect(observed.retries.get("sqlstate_23")).toBeGreaterThan(0);
  await connection.script(ALTER_BACK);
  expect(await pending).toEqual({ kind: "stored", stored: 400 - LIMIT, deadLettered: LIMIT });
  expect(await count("public.events")).toBe(403 - LIMIT);
  expect(await accounts()).toEqual({ came: 403, stored: 403 - LIMIT, dead: LIMIT });
  expect(reports.at(-1)).toMatchObject({ kind: "resumed" });
  expect(observed.waits.size).toBe(0);
});

it("counts over all partitions, and lets a record be bad again as soon as another was stored", async () => {
  const { pool, reports } = openProcess();
  await using writers = pool;
  const [zero, one] = [await batchOf(0, good(0, 40)), await batchOf(1, good(1, 40))];
  await connection.script(ALTER);
  const pending = [zero, one].map((batch) => writers.deliver(batch, never));
  await untilWaiting(reports, 2);
  const letters = Number(await count("clusterflow.dead_letters"));
  expect(letters).toBeLessThanOrEqual(LIMIT + 1); // two were on their way at the same moment
  await connection.script(`${ALTER_BACK}; ${ALTER_ONE}`);
  expect(await pending[1]).toMatchObject({ kind: "stored" });
  // nothing is stored between them any more: those of partition 0 open it once more
  await untilWaiting(reports, 3);
  await connection.script(ALTER_BACK);
  expect(await pending[0]).toMatchObject({ kind: "stored" });
  expect(await accounts()).toMatchObject({ came: 80 });
  const [stored, dead] = [await count("public.events"), await count("clusterflow.dead_letters")];
  expect(Number(stored) + Number(dead)).toBe(80);
  expect(dead).toBeLessThanOrEqual(3 * LIMIT + 3);
});

it("loses and doubles nothing when the process dies while it waits", async () => {
  const first = openProcess();
  await first.pool.deliver(await batchOf(0, good(0, 3)), never);
  await connection.script(ALTER);
  const stop = new AbortController();
  const pending = first.pool.deliver(await batchOf(0, good(0, 50, 3)), stop.signal);
  await untilWaiting(first.reports);
  stop.abort(new Error("killed"));
  await expect(pending).rejects.toThrow("killed");
  await first.pool[Symbol.asyncDispose]();
  expect(await accounts()).toEqual({ came: 3 + LIMIT, stored: 3, dead: LIMIT });

  await connection.script(ALTER_BACK);
  await using second = openProcess().pool;
  await second.deliver(await batchOf(0, good(0, 50 - LIMIT, 3 + LIMIT)), never);
  expect(await count("public.events")).toBe(53 - LIMIT);
  expect(await accounts()).toEqual({ came: 53, stored: 53 - LIMIT, dead: LIMIT });
});

it("ends when it has waited for as long as it was told, with what helps", async () => {
  const { pool } = openProcess(300);
  await using writers = pool;
  await connection.script(ALTER);
  await expect(writers.deliver(await batchOf(0, good(0, 9)), never)).rejects.toMatchObject({
    code: "wrong",
    message: expect.stringMatching(/^PostgreSQL .*refused 5 records in a row.*given up after/) as string,
    hint: expect.stringContaining("--max-poison 0") as string,
  });
  expect(await count("clusterflow.dead_letters")).toBe(LIMIT);
});

async function fails(deliver: Deliver, values: readonly (string | null)[]): Promise<unknown> {
  return deliver(await batchOf(0, values), never).then(
    () => null,
    (error: unknown) => error,
  );
}

it("stops when the stream refuses one record after the other, before it writes more of them", async () => {
  const { pool } = openProcess();
  await using writers = pool;
  const flood = [...good(0, 2), ...Array.from({ length: 2_000 }, () => null), ...good(0, 1)];
  expect(await fails(writers.deliver, flood)).toMatchObject({
    code: "wrong",
    message: '5 records in a row of topic "events" cannot be read, the last one: no value',
  });
  expect(await accounts()).toEqual({ came: 2 + LIMIT, stored: 2, dead: LIMIT });
  expect(await fails(writers.deliver, [null])).toMatchObject({ code: "wrong" });
  expect(await fails(writers.deliver, good(0, 1))).toBeNull();
  expect(await fails(writers.deliver, [null])).toBeNull();
});
