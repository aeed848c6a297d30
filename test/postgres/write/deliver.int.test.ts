import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import type { Report } from "../../../src/core/report.ts";
import type { Batch, RawRecord } from "../../../src/pipeline/ports.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { openLedger } from "../../../src/postgres/ledger.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { openWriter } from "../../../src/postgres/write/deliver.ts";
import type { Stream } from "../../../src/streams/define.ts";
import { Wire } from "../../support/wire.ts";
import { testDatabase } from "../../support/servers.ts";

/** Rows go to a table without any key: whatever is written twice can be seen twice. */
const NUMBERS: Stream = {
  name: "numbers",
  topic: { name: "numbers", partitions: 1, config: {} },
  group: "g",
  target: {
    kind: "tables",
    tables: [
      { table: ["public", "numbers"], columns: { n: "integer", note: "text" }, identity: [], again: "keep" },
    ],
  },
  decode({ value }) {
    if (value === null) return { kind: "rejected", reason: "no value" };
    return { kind: "rows", rows: [JSON.parse(value.toString()) as JsonObject] };
  },
};
const TOPIC = { topic: "numbers", partition: 0 };

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
const never = new AbortController().signal;

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
  await migrate(connection);
  await connection.script(`
    CREATE TABLE public.numbers (n integer CHECK (n < 1000), note text);
    CREATE FUNCTION public.write_numbers(rows jsonb, via text) RETURNS integer LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO public.numbers SELECT * FROM jsonb_populate_recordset(NULL::public.numbers, rows);
        RETURN jsonb_array_length(rows);
      END $$;
    CREATE TABLE public.trouble (sqlstate text);
    CREATE FUNCTION public.make_trouble() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE said text := (SELECT sqlstate FROM public.trouble);
      BEGIN
        IF said IS NOT NULL THEN RAISE EXCEPTION 'in trouble' USING ERRCODE = said; END IF;
        RETURN NEW;
      END $$;
    CREATE TRIGGER trouble BEFORE INSERT ON public.numbers FOR EACH ROW EXECUTE FUNCTION public.make_trouble()`);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.script(
    "TRUNCATE public.numbers, public.trouble, clusterflow.offsets, clusterflow.dead_letters",
  );
});

function record(offset: number, value: JsonObject | Buffer | null): RawRecord {
  const bytes = value === null || Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  return {
    ...TOPIC,
    offset: BigInt(offset),
    timestamp: 1_700_000_000_000,
    key: null,
    value: bytes,
    headers: [],
  };
}
function batch(
  epoch: bigint,
  start: number,
  records: readonly RawRecord[],
  end = start + records.length,
): Batch {
  return { ...TOPIC, epoch, start: BigInt(start), end: BigInt(end), records };
}
function numbers(start: number, count: number): RawRecord[] {
  return Array.from({ length: count }, (_, index) => record(start + index, { n: start + index, note: "x" }));
}
async function claim(): Promise<bigint> {
  const [claimed] = await openLedger(connection, "g", "test").claim([{ ...TOPIC, low: 0n, topicId: null }]);
  return claimed!.epoch;
}
function writer(
  via: Connection = connection,
  reports: Report[] = [],
  stream: Stream = NUMBERS,
): ReturnType<typeof openWriter> {
  const tell = (report: Report): void => void reports.push(report);
  return openWriter({ stream, group: "g", connection: via, tell, giveUpAfterMs: null });
}
async function stored(): Promise<unknown[]> {
  return (await connection.query("SELECT n FROM public.numbers ORDER BY n")).map((row) => row["n"]);
}
async function position(): Promise<unknown> {
  const sql = "SELECT next_offset, stored, dead_lettered FROM clusterflow.offsets";
  return (await connection.query(sql))[0];
}

describe("the fence", () => {
  it("stores rows and the offset together, and the same batch again writes nothing", async () => {
    const epoch = await claim();
    const deliver = writer();
    const first = batch(epoch, 0, numbers(0, 3));
    expect(await deliver(first, never)).toEqual({ kind: "stored", stored: 3, deadLettered: 0 });
    await deliver(first, never);
    expect(await stored()).toEqual([0, 1, 2]);
    expect(await position()).toEqual({ next_offset: 3n, stored: 3n, dead_lettered: 0n });
  });

  it("lets a process that lost its partition write nothing", async () => {
    const old = await claim();
    const young = await claim();
    expect(await writer()(batch(old, 0, numbers(0, 3)), never)).toEqual({ kind: "fenced" });
    expect(await stored()).toEqual([]);
    expect(await writer()(batch(young, 0, numbers(0, 3)), never)).toMatchObject({ kind: "stored" });
  });

  it("lets a process that lost its partition keep no dead letter either", async () => {
    const old = await claim();
    await claim();
    expect(await writer()(batch(old, 0, [record(0, null)]), never)).toEqual({ kind: "fenced" });
    expect(await connection.query("SELECT 1 FROM clusterflow.dead_letters")).toEqual([]);
  });

  it("lets a process that lost its partition call no procedure", async () => {
    const old = await claim();
    const young = await claim();
    const deliver = writer(connection, [], {
      ...NUMBERS,
      target: { kind: "procedure", procedure: ["public", "write_numbers"] },
    });
    expect(await deliver(batch(old, 0, numbers(0, 3)), never)).toEqual({ kind: "fenced" });
    expect(await stored()).toEqual([]);
    expect(await deliver(batch(young, 0, numbers(0, 3)), never)).toMatchObject({ kind: "stored" });
    expect(await stored()).toEqual([0, 1, 2]);
  });

  it("does not take what its heir has written for its own", async () => {
    const old = await claim();
    const young = await claim();
    await writer()(batch(young, 0, numbers(0, 3)), never);
    expect(await writer()(batch(old, 0, numbers(0, 3)), never)).toEqual({ kind: "fenced" });
  });

  it("ends a batch that is taken in parts at the first one that is refused", async () => {
    const old = await claim();
    await claim();
    const large: Stream = {
      ...NUMBERS,
      decode: ({ value }) => ({ kind: "rows", rows: [JSON.parse(String(value)) as JsonObject], bytes: 1e9 }),
    };
    const deliver = writer(connection, [], large);
    expect(await deliver(batch(old, 0, numbers(0, 3)), never)).toEqual({ kind: "fenced" });
    expect(await stored()).toEqual([]);
  });

  it("stops a zombie whose statement was on its way while the partition was taken over", async () => {
    const old = await claim();
    await using blocker = new Connection(database.settings, "blocker");
    await using zombie = new Connection(database.settings, "zombie");
    await blocker.script("BEGIN; SELECT 1 FROM clusterflow.offsets FOR UPDATE");
    const late = writer(zombie)(batch(old, 0, numbers(0, 3)), never);
    await untilBlocked("zombie");
    await blocker.script("UPDATE clusterflow.offsets SET epoch = epoch + 1; COMMIT");
    expect(await late).toEqual({ kind: "fenced" });
    expect(await stored()).toEqual([]);
  });

  it("moves past offsets that hold no record", async () => {
    const epoch = await claim();
    await writer()(batch(epoch, 0, [], 5), never);
    await writer()(batch(epoch, 5, numbers(7, 1), 9), never);
    expect(await position()).toEqual({ next_offset: 9n, stored: 1n, dead_lettered: 0n });
  });

  it("never writes twice when two writers race over the same ranges", async () => {
    const epoch = await claim();
    await using other = new Connection(database.settings, "other");
    const [left, right] = [writer(), writer(other)];
    for (let start = 0; start < 200; start += 2) {
      await Promise.all(
        [left, right].map((deliver) => deliver(batch(epoch, start, numbers(start, 2)), never)),
      );
    }
    expect(await stored()).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });
});

async function untilBlocked(name: string): Promise<void> {
  const sql =
    "SELECT count(*)::integer AS n FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'";
  while ((await connection.query(sql, [name]))[0]?.["n"] !== 1);
}

describe("dead letters", () => {
  it("keeps what the stream refuses, byte for byte, and stores the rest", async () => {
    const epoch = await claim();
    const odd: RawRecord = {
      ...record(1, null),
      key: Buffer.from([0, 255]),
      headers: [
        ["h", null],
        ["h", Buffer.from([0])],
      ],
    };
    const reports: Report[] = [];
    await writer(connection, reports)(batch(epoch, 0, [...numbers(0, 1), odd, ...numbers(2, 1)]), never);
    expect(await stored()).toEqual([0, 2]);
    expect(reports).toEqual([{ kind: "record-rejected", ...TOPIC, offset: 1n, reason: "no value" }]);
    const sql = `SELECT "offset", encode(key, 'hex') AS key, value, headers, stage, reason FROM clusterflow.dead_letters`;
    expect(await connection.query(sql)).toEqual([
      {
        offset: 1n,
        key: "00ff",
        value: null,
        stage: "decode",
        reason: "no value",
        headers: [
          { name: "h", value: null },
          { name: "h", value: "AA==" },
        ],
      },
    ]);
  });

  it("finds the rows that PostgreSQL refuses and stores their neighbours", async () => {
    const epoch = await claim();
    const bad = [record(3, { n: 5000, note: "breaks the check" }), record(6, { n: 6, note: "a\u0000b" })];
    const records = [...numbers(0, 3), bad[0]!, ...numbers(4, 2), bad[1]!, ...numbers(7, 3)];
    expect(await writer()(batch(epoch, 0, records), never)).toEqual({
      kind: "stored",
      stored: 8,
      deadLettered: 2,
    });
    expect(await stored()).toEqual([0, 1, 2, 4, 5, 7, 8, 9]);
    const sql = `SELECT "offset", stage, sqlstate, convert_from(value, 'UTF8') AS value FROM clusterflow.dead_letters ORDER BY 1`;
    expect(await connection.query(sql)).toEqual([
      { offset: 3n, stage: "write", sqlstate: "23514", value: bad[0]!.value!.toString() },
      { offset: 6n, stage: "write", sqlstate: "22021", value: bad[1]!.value!.toString() },
    ]);
    expect(await position()).toEqual({ next_offset: 10n, stored: 8n, dead_lettered: 2n });
  });

  it("are not doubled by a replay from the beginning", async () => {
    const all = [record(0, null), ...numbers(1, 1)];
    await writer()(batch(await claim(), 0, all), never);
    await connection.query("UPDATE clusterflow.offsets SET next_offset = 0");
    await writer()(batch(await claim(), 0, all), never);
    expect(await connection.query(`SELECT "offset" FROM clusterflow.dead_letters`)).toHaveLength(1);
  });
});

describe("outages", () => {
  it("finds out that a statement whose answer was lost had been carried out", async () => {
    using wire = new Wire(database.settings.port);
    await using via = new Connection({ ...database.settings, port: await wire.listen() }, "lost answer");
    const epoch = await claim();
    const reports: Report[] = [];
    const deliver = writer(via, reports);
    await deliver(batch(epoch, 0, numbers(0, 2)), never);
    wire.isMute = true;
    const pending = deliver(batch(epoch, 2, numbers(2, 2)), never);
    while ((await stored()).length !== 4);
    wire.cut();
    expect(await pending).toEqual({ kind: "stored", stored: 2, deadLettered: 0 });
    expect(await stored()).toEqual([0, 1, 2, 3]);
    expect(reports.map(({ kind }) => kind)).toEqual(["waiting", "resumed"]);
  });

  it("notices that the server froze with a batch in hand, says so once, and finds out what became of it", async () => {
    using wire = new Wire(database.settings.port);
    await using via = new Connection({ ...database.settings, port: await wire.listen() }, "frozen");
    const epoch = await claim();
    const reports: Report[] = [];
    const deliver = writer(via, reports);
    await deliver(batch(epoch, 0, numbers(0, 2)), never);
    wire.isMute = true;
    const pending = deliver(batch(epoch, 2, numbers(2, 2)), never);
    await expect.poll(() => reports.length, { timeout: 10_000 }).toBe(1);
    expect(reports[0]).toMatchObject({ kind: "waiting", reason: "nothing comes back any more" });
    wire.isMute = false;
    expect(await pending).toEqual({ kind: "stored", stored: 2, deadLettered: 0 });
    expect(await stored()).toEqual([0, 1, 2, 3]);
    expect(reports.map(({ kind }) => kind)).toEqual(["waiting", "resumed"]);
  });

  it("ends at the signal with a batch in hand of a server that froze, and lets go of it", async () => {
    using wire = new Wire(database.settings.port);
    const via = new Connection({ ...database.settings, port: await wire.listen() }, "frozen");
    const deliver = writer(via);
    const epoch = await claim();
    await deliver(batch(epoch, 0, numbers(0, 2)), never);
    wire.isMute = true;
    const stop = new AbortController();
    const reason = new Error("stop");
    const pending = deliver(batch(epoch, 2, numbers(2, 2)), stop.signal);
    while ((await stored()).length !== 4);
    stop.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await via[Symbol.asyncDispose]();
    await expect.poll(() => wire.connections, { timeout: 3_000 }).toBe(0);
  });

  it("waits for a database whose connections are cut, without a dead letter", async () => {
    const epoch = await claim();
    await using via = new Connection(database.settings, "victim");
    const deliver = writer(via);
    await deliver(batch(epoch, 0, numbers(0, 1)), never);
    const killer = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'";
    for (let start = 1; start < 100; start += 1) {
      const pending = deliver(batch(epoch, start, numbers(start, 1)), never);
      if (start % 7 === 0) await connection.query(killer);
      expect(await pending).toMatchObject({ kind: "stored" });
    }
    expect(await stored()).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(await connection.query("SELECT 1 FROM clusterflow.dead_letters")).toEqual([]);
  });

  it.each(["08006", "40001", "40P01", "53100", "53300", "55P03", "57014", "57P03", "58030"])(
    "waits while the server says %s, which no row is to blame for",
    async (sqlstate) => {
      const epoch = await claim();
      const reports: Report[] = [];
      await connection.query("INSERT INTO public.trouble VALUES ($1)", [sqlstate]);
      const pending = writer(connection, reports)(batch(epoch, 0, numbers(0, 2)), never);
      await expect.poll(() => reports.map(({ kind }) => kind)).toEqual(["waiting"]);
      await connection.script("TRUNCATE public.trouble");
      expect(await pending).toEqual({ kind: "stored", stored: 2, deadLettered: 0 });
      expect(await connection.query("SELECT 1 FROM clusterflow.dead_letters")).toEqual([]);
    },
  );

  it("gives up with what it waited for when it is told how long", async () => {
    await using via = new Connection({ ...database.settings, port: 1 }, "nobody");
    const deliver = openWriter({
      stream: NUMBERS,
      group: "g",
      connection: via,
      tell: () => undefined,
      giveUpAfterMs: 50,
    });
    await expect(deliver(batch(1n, 0, numbers(0, 1)), never)).rejects.toMatchObject({ code: "unreachable" });
  });

  it("ends the waiting when the signal fires", async () => {
    await using via = new Connection({ ...database.settings, port: 1 }, "nobody");
    const stop = new AbortController();
    const reason = new Error("stop");
    const pending = writer(via)(batch(1n, 0, numbers(0, 1)), stop.signal);
    stop.abort(reason);
    await expect(pending).rejects.toBe(reason);
  });
});
