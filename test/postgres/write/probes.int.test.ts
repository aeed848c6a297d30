import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RawRecord } from "../../../src/pipeline/ports.ts";
import { probeMessage, type ProbeWay } from "../../../src/pipeline/probe.ts";
import { Connection, type Row } from "../../../src/postgres/connection.ts";
import { openLedger, resetPosition } from "../../../src/postgres/ledger.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { openDirectTables } from "../../../src/postgres/write/direct-tables.ts";
import { openWriterPool } from "../../../src/postgres/write/writer-pool.ts";
import type { Stream } from "../../../src/streams/define.ts";
import { clusterInfo } from "../../../src/streams/cluster-info/stream.ts";
import { streamNamed } from "../../../src/streams/index.ts";
import { testDatabase } from "../../support/servers.ts";

const CLICKS = streamNamed("mykart.clicks")!;
const TOPIC = "probed";
const RUN = randomUUID();
const never = new AbortController().signal;
let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
  await migrate(connection);
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.script(
    "TRUNCATE mykart.clicks, clusterflow.offsets, clusterflow.dead_letters, clusterflow.probes",
  );
});

function recordAt(offset: bigint, value: string, headers: Readonly<Record<string, string>> = {}): RawRecord {
  return {
    topic: TOPIC,
    partition: 0,
    offset,
    timestamp: 1_700_000_000_000,
    key: null,
    value: Buffer.from(value),
    headers: Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const),
  };
}
const click = (offset: bigint, headers = {}): RawRecord =>
  recordAt(offset, '{"product_id":1,"click_timestamp":"2026-01-31T12:00:00Z"}', headers);
function probe(offset: bigint, n: number, way: ProbeWay = "kafka"): RawRecord {
  const { value, headers } = probeMessage({ run: RUN, n, way });
  return recordAt(offset, value, headers);
}

async function deliver(stream: Stream, records: readonly RawRecord[]): Promise<void> {
  const ledger = openLedger(connection, "g", "test");
  await using pool = openWriterPool({
    ...{ stream, group: "g", database: database.settings, size: 1 },
    tell: () => undefined,
    giveUpAfterMs: 5_000,
  });
  const [claim] = await ledger.claim([{ topic: TOPIC, partition: 0, low: 0n, topicId: null }]);
  const end = claim!.next + BigInt(records.length);
  const batch = { topic: TOPIC, partition: 0, epoch: claim!.epoch, start: claim!.next, end, records };
  await pool.deliver(batch, never);
}

const ledger = (): Promise<readonly Row[]> =>
  connection.query("SELECT next_offset, stored, dead_lettered, probes FROM clusterflow.offsets");
const probes = (): Promise<readonly Row[]> =>
  connection.query(
    `SELECT n, "group", topic, partition, "offset", way, stored_at > sent_at AS late FROM clusterflow.probes WHERE run = $1 ORDER BY id`,
    [RUN],
  );
const PLACE = { group: "g", topic: TOPIC, partition: 0, late: true };

describe("a probe", () => {
  it("is kept by the statement that moves the offset, and is no row, no dead letter", async () => {
    await deliver(CLICKS, [
      click(0n),
      probe(1n, 7),
      recordAt(2n, "no JSON"),
      probe(3n, 8, "http"),
      click(4n),
    ]);
    expect(await ledger()).toEqual([{ next_offset: 5n, stored: 2n, dead_lettered: 1n, probes: 2n }]);
    expect(await probes()).toEqual([
      { ...PLACE, n: 7, offset: 1n, way: "kafka" },
      { ...PLACE, n: 8, offset: 3n, way: "http" },
    ]);
    expect(await connection.query("SELECT count(*) AS n FROM mykart.clicks")).toEqual([{ n: 2n }]);
  });

  it("shows as a double when it is stored again, until the topic is read anew on purpose", async () => {
    await deliver(CLICKS, [probe(0n, 1)]);
    await deliver(CLICKS, [probe(0n, 1)]);
    expect(await probes()).toHaveLength(2);
    await resetPosition(connection, "g", { topic: TOPIC, partition: 0, next: 0n });
    expect([await probes(), await ledger()]).toMatchObject([[], [{ next_offset: 0n, probes: 0n }]]);
  });

  it("goes through a stream of snapshots too", async () => {
    await deliver(clusterInfo, [probe(0n, 1), probe(1n, 2)]);
    expect(await ledger()).toEqual([{ next_offset: 2n, stored: 0n, dead_lettered: 0n, probes: 2n }]);
    expect(await probes()).toHaveLength(2);
  });

  it("is a record like any where its mark is none", async () => {
    await deliver(CLICKS, [click(0n, { "clusterflow-probe": `${RUN}/0` })]);
    expect(await ledger()).toEqual([{ next_offset: 1n, stored: 1n, dead_lettered: 0n, probes: 0n }]);
  });

  it("is refused where events go straight to PostgreSQL, and costs its neighbours nothing", async () => {
    const store = openDirectTables({ stream: CLICKS, connection, onFailure: () => undefined });
    const event = {
      key: "",
      value: '{"product_id":1,"click_timestamp":"2026-01-31T12:00:00Z"}',
      headers: { "event-id": "e-1" },
    };
    expect(await store([event, probeMessage({ run: RUN, n: 1, way: "http" }), event])).toMatchObject([
      { kind: "direct" },
      { kind: "refused", reason: expect.stringContaining("goes through Kafka") as string },
      { kind: "direct" },
    ]);
    expect(await connection.query("SELECT count(*) AS n FROM mykart.clicks")).toEqual([{ n: 1n }]);
  });
});
