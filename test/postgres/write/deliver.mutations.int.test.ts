import fc from "fast-check";
import { expect, it } from "vitest";
import type { RawRecord } from "../../../src/pipeline/ports.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import { openLedger } from "../../../src/postgres/ledger.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { openWriter } from "../../../src/postgres/write/deliver.ts";
import { clusterInfo } from "../../../src/streams/cluster-info/stream.ts";
import { mutated, recordOf } from "../../corpus/mutations.ts";
import { testDatabase } from "../../support/servers.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const RECORDS = 1_500;
const BATCH = 25;
/** What only PostgreSQL can know: that a snapshot is another cluster's. */
const KNOWN = ["22023"];

it(
  `PostgreSQL takes what the stream took, whatever was mutated (seed ${SEED})`,
  { timeout: 300_000 },
  async () => {
    await using database = await testDatabase();
    await using connection = new Connection(database.settings, "writer");
    await migrate(connection);
    const place = { topic: "mutations", partition: 0 };
    const [claim] = await openLedger(connection, "g", "test").claim([{ ...place, low: 0n, topicId: null }]);
    const deliver = openWriter({
      stream: clusterInfo,
      group: "g",
      connection,
      tell: () => undefined,
      giveUpAfterMs: null,
    });
    const values = fc.sample(mutated, { numRuns: RECORDS, seed: SEED });
    const records = values.map((value, index) => recordOf(value, BigInt(index)));
    for (let start = 0; start < RECORDS; start += BATCH) {
      const slice: readonly RawRecord[] = records.slice(start, start + BATCH);
      const range = { start: BigInt(start), end: BigInt(start + slice.length) };
      const batch = { ...place, epoch: claim!.epoch, ...range, records: slice };
      expect(await deliver(batch, new AbortController().signal)).toMatchObject({ kind: "stored" });
    }
    const refused = await connection.query(
      `SELECT sqlstate, reason, convert_from(value, 'UTF8') AS value FROM clusterflow.dead_letters WHERE stage = 'write'`,
    );
    expect(refused.filter(({ sqlstate }) => !KNOWN.includes(String(sqlstate)))).toEqual([]);
    const [sums] = await connection.query(
      "SELECT next_offset, stored + dead_lettered AS settled, dead_lettered FROM clusterflow.offsets",
    );
    const letters = await connection.query("SELECT 1 FROM clusterflow.dead_letters");
    expect(sums).toEqual({
      next_offset: BigInt(RECORDS),
      settled: BigInt(RECORDS),
      dead_lettered: BigInt(letters.length),
    });
  },
);
