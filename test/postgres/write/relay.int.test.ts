import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Header, RawRecord } from "../../../src/pipeline/ports.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { openLedger } from "../../../src/postgres/ledger.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { openWriter } from "../../../src/postgres/write/deliver.ts";
import { openLetterStore } from "../../../src/postgres/write/relay.ts";
import type { Stream } from "../../../src/streams/define.ts";
import { testDatabase } from "../../support/servers.ts";

const PLACE = { topic: "t", partition: 0 };
/** Refuses everything. */
const NOTHING: Stream = {
  name: "nothing",
  topic: { name: "t", partitions: 1, config: {} },
  group: "g",
  target: {
    kind: "tables",
    tables: [{ table: ["public", "nothing"], columns: { n: "integer" }, identity: [], again: "keep" }],
  },
  decode: () => ({ kind: "rejected", reason: "nothing fits" }),
};
const never = new AbortController().signal;

let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;
let other: Connection;

beforeAll(async () => {
  database = await testDatabase();
  connection = new Connection(database.settings, "test");
  other = new Connection(database.settings, "other");
  await migrate(connection);
  await connection.script("CREATE TABLE public.nothing (n integer)");
});
afterAll(async () => {
  for (const one of [connection, other]) await one[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.script("TRUNCATE clusterflow.offsets, clusterflow.dead_letters");
});

/** Puts records into the dead letters, as a consumer does. */
async function refuse(records: readonly Partial<RawRecord>[], group = "g"): Promise<void> {
  const deliver = openWriter({
    stream: NOTHING,
    group,
    connection,
    tell: () => undefined,
    giveUpAfterMs: null,
  });
  const [claim] = await openLedger(connection, group, "test").claim([{ ...PLACE, low: 0n, topicId: null }]);
  const { next: start, epoch } = claim!;
  const whole = records.map((record, index): RawRecord => {
    const offset = start + BigInt(index);
    return { ...PLACE, offset, timestamp: -1, key: null, value: null, headers: [], ...record };
  });
  const end = start + BigInt(records.length);
  await deliver({ ...PLACE, epoch, start, end, records: whole }, never);
}

const storeVia = (via: Connection, group = "g") => openLetterStore(via, group, "t");
const offsetsOf = (letters: readonly { readonly record: RawRecord }[]): bigint[] =>
  letters.map(({ record }) => record.offset);

describe("dead letters to relay", () => {
  it("are given out as the records that they were", async () => {
    const headers: Header[] = [
      ["plain", Buffer.from([0xff])],
      ["a\u0000b", null],
      [Buffer.from([0x68, 0xff]), Buffer.alloc(0)],
      ["plain", Buffer.from("again")],
    ];
    const key = Buffer.from([0, 255]);
    const timestamp = 9_223_372_036_854_775_807n;
    await refuse([{ key, value: Buffer.alloc(0), headers, timestamp }, {}]);
    const [first, second] = await storeVia(connection).claim(never);
    expect(first).toMatchObject({ stage: "decode", sqlstate: null, reason: "nothing fits" });
    expect(first!.record).toEqual({ ...PLACE, offset: 0n, key, value: Buffer.alloc(0), headers, timestamp });
    expect(JSON.parse(first!.headersText)).toHaveLength(4);
    expect(Date.now() - first!.firstSeen.getTime()).toBeLessThan(60_000);
    expect(second!.record).toMatchObject({ offset: 1n, key: null, value: null, timestamp: -1, headers: [] });
  });

  it("are given to one only, of this group and topic only, some at a time and in order", async () => {
    await refuse(Array.from({ length: 250 }, () => ({})));
    await refuse([{}], "somebody else");
    const stores = [storeVia(connection), storeVia(other)];
    const claims = await Promise.all([0, 1, 2, 3].map((n) => stores[n % 2]!.claim(never)));
    expect(claims.every((letters) => letters.length <= 100)).toBe(true);
    for (const offsets of claims.map(offsetsOf))
      expect(offsets).toEqual(offsets.toSorted((a, b) => Number(a - b)));
    const all = claims.flatMap(offsetsOf);
    expect(new Set(all).size).toBe(all.length);
    const rest = [await stores[0]!.claim(never), await stores[1]!.claim(never)].flatMap(offsetsOf);
    expect(new Set([...all, ...rest]).size).toBe(250);
  });

  it("are given out within bounded memory, one at least", async () => {
    const large = { value: Buffer.alloc(400_000) };
    await refuse([large, large, large, { value: Buffer.alloc(2_000_000) }, {}]);
    const store = storeVia(connection);
    const sizes: number[] = [];
    for (let n = 0; n < 4; n += 1) sizes.push((await store.claim(never)).length);
    expect(sizes).toEqual([2, 2, 1, 0]);
  });

  it("are given out again when they were given back, or when whoever had them died, and never when they are relayed", async () => {
    await refuse([{}, {}, {}, {}]);
    const store = storeVia(connection);
    const letters = await store.claim(never);
    await store.noteRelayed(letters.slice(0, 1), never);
    await store.noteFault(letters[1]!, "too large", never);
    await store.release(letters.slice(2, 3), never);
    expect(offsetsOf(await store.claim(never))).toEqual([2n]);
    await connection.query(
      "UPDATE clusterflow.dead_letters SET relaying_until = relaying_until - interval '61 s'",
    );
    expect(offsetsOf(await store.claim(never))).toEqual([2n, 3n]);
    const sql = `SELECT "offset", relayed_at IS NOT NULL AS relayed, relay_fault FROM clusterflow.dead_letters ORDER BY 1 LIMIT 2`;
    expect(await connection.query(sql)).toEqual([
      { offset: 0n, relayed: true, relay_fault: null },
      { offset: 1n, relayed: false, relay_fault: "too large" },
    ]);
  });
});
