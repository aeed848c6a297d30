import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Report } from "../../../src/core/report.ts";
import type { RawRecord } from "../../../src/pipeline/ports.ts";
import { Connection, type Row } from "../../../src/postgres/connection.ts";
import { openLedger } from "../../../src/postgres/ledger.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { openWriter } from "../../../src/postgres/write/deliver.ts";
import type { Stream } from "../../../src/streams/define.ts";
import { testDatabase } from "../../support/servers.ts";

const TOPIC = { topic: "days", partition: 0 };
/** A table whose columns refuse more than the stream does. */
const DAYS: Stream = {
  name: "days",
  topic: { name: "days", partitions: 1, config: {} },
  group: "g",
  target: {
    kind: "tables",
    tables: [
      { table: ["public", "days"], columns: { n: "integer", day: "date" }, identity: [], again: "keep" },
    ],
  },
  decode({ value }) {
    if (value === null) return { kind: "rejected", reason: "no value" };
    return { kind: "rows", rows: [{ n: 1, day: value.toString() }] };
  },
};

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
  await migrate(connection);
  await connection.script("CREATE TABLE public.days (n integer, day date)");
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.script("TRUNCATE public.days, clusterflow.offsets, clusterflow.dead_letters");
});

/** Delivers one record, and answers with its dead letter and with what was told. */
async function deadLetterOf(change: Partial<RawRecord>): Promise<{ row: Row | undefined; told: string }> {
  const reports: Report[] = [];
  const tell = (report: Report): void => void reports.push(report);
  const deliver = openWriter({ stream: DAYS, group: "g", connection, tell, giveUpAfterMs: null });
  const [claim] = await openLedger(connection, "g", "test").claim([{ ...TOPIC, low: 0n, topicId: null }]);
  const usual: RawRecord = { ...TOPIC, offset: 0n, timestamp: -1, key: null, value: null, headers: [] };
  const batch = { ...TOPIC, epoch: claim!.epoch, start: 0n, end: 1n, records: [{ ...usual, ...change }] };
  expect(await deliver(batch, new AbortController().signal)).toMatchObject({ deadLettered: 1 });
  const [row] = await connection.query("SELECT * FROM clusterflow.dead_letters");
  return {
    row,
    told: JSON.stringify(reports, (_, member: unknown) => (typeof member === "bigint" ? null : member)),
  };
}

it.each([
  -1,
  0,
  1_700_000_000_123,
  9_007_199_254_740_991,
  1_700_000_000_123_456_789n,
  9_223_372_036_854_775_807n,
])("keeps the time %s of a record, whatever a date can hold", async (timestamp) => {
  const { row } = await deadLetterOf({ timestamp });
  expect(row?.["timestamp_ms"]).toBe(BigInt(timestamp));
  const isDate = timestamp === 0 || timestamp === 1_700_000_000_123;
  if (isDate) expect(row?.["timestamp"]).toEqual(new Date(timestamp));
  if (timestamp < 0 || typeof timestamp === "bigint") expect(row?.["timestamp"]).toBeNull();
});

it("keeps key and value byte for byte where they are no text", async () => {
  const bytes = Buffer.from([0xc3, 0x28, 0x00, 0xff, 0xef, 0xbb, 0xbf]);
  const { row } = await deadLetterOf({ key: bytes, value: bytes });
  expect([row?.["key"], row?.["value"]].map((kept) => Buffer.from(kept as Uint8Array))).toEqual([
    bytes,
    bytes,
  ]);
});

it("keeps header names that text cannot hold as bytes besides", async () => {
  const names = ["plain", "a\u0000b", Buffer.from([0x68, 0xff])];
  const { row } = await deadLetterOf({ headers: names.map((name) => [name, null]) });
  expect(row?.["headers"]).toEqual([
    { name: "plain", value: null },
    { name: "a\uFFFDb", nameBytes: "YQBi", value: null },
    { name: "h\uFFFD", nameBytes: "aP8=", value: null },
  ]);
});

it.each(["CANARY", 'CAN"ARY', "2026-02-31 CANARY", "CANARY\n2026"])(
  "gives PostgreSQL's reason without the value that it quotes: %j",
  async (day) => {
    const { row, told } = await deadLetterOf({ value: Buffer.from(day) });
    expect(row).toMatchObject({ stage: "write", sqlstate: expect.stringMatching(/^22/) as string });
    expect(row?.["reason"]).toMatch(/^[ -~…]{10,200}$/);
    expect(`${String(row?.["reason"])} ${told}`).not.toMatch(/CAN|ARY/);
  },
);
