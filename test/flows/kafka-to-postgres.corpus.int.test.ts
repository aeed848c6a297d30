import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readRange } from "../../src/kafka/reader.ts";
import type { Batch, RawRecord } from "../../src/pipeline/ports.ts";
import { Connection, type Row } from "../../src/postgres/connection.ts";
import { openLedger } from "../../src/postgres/ledger.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { openWriter } from "../../src/postgres/write/deliver.ts";
import { clusterInfo } from "../../src/streams/cluster-info/stream.ts";
import { CANARY } from "../corpus/load.ts";
import {
  anyTopic,
  PARTITIONS,
  produceCorpus,
  type Produced,
  type ProducedCorpus,
} from "../corpus/produced.ts";
import {
  databaseEnvironment,
  kafkaEnvironment,
  runCli,
  temporaryFolder,
  type CliResult,
} from "../support/cli.ts";
import { dice } from "../support/dice.ts";
import { produceRaw, type RawMessage } from "../support/raw-produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
/**
 * Ten thousand small records need 150 MB; the corpus has records of 10 MB, and objects of 14 MB that came packed. The
 * heap is bounded, for without a bound V8 lets garbage lie as long as the machine has room: what is measured is then
 * what is needed. A consumer that needs more does not come to its end.
 */
const MAX_HEAP_MB = 256;
const MAX_RSS_MB = 600;

const brokers = inject("brokers");
const topic = testTopicName("corpus");
let produced: ProducedCorpus;

beforeAll(async () => {
  produced = await produceCorpus(brokers, topic, dice(SEED));
});

/** What the database must hold of the dead letters, by partition and offset. */
function expectedDeadLetters(): readonly Produced[] {
  return produced.records.filter(({ made }) => made?.fate === "dead-lettered");
}

const place = (partition: unknown, offset: unknown): string => `${String(partition)}/${String(offset)}`;

/** Every difference between what became of the corpus and what the manifest says. */
async function differences(connection: Connection): Promise<string[]> {
  const rows = await connection.query(
    `SELECT partition, "offset", stage, reason FROM clusterflow.dead_letters WHERE topic = $1`,
    [topic],
  );
  const letters = new Map(rows.map((row) => [place(row["partition"], row["offset"]), row]));
  return produced.records.flatMap(({ partition, offset, made }) => {
    const letter = letters.get(place(partition, offset));
    const name = made?.name ?? "a good message";
    if (made?.fate !== "dead-lettered")
      return letter === undefined ? [] : [`${name}: ${String(letter["reason"])}`];
    if (letter === undefined) return [`${name}: stored`];
    const isAsSaid = letter["stage"] === made.stage && made.reason?.test(String(letter["reason"])) === true;
    return isAsSaid ? [] : [`${name}: ${String(letter["stage"])}: ${String(letter["reason"])}`];
  });
}

async function accounts(connection: Connection): Promise<readonly Row[]> {
  return connection.query(
    "SELECT sum(next_offset - first_offset)::integer AS came, sum(stored)::integer AS stored, sum(dead_lettered)::integer AS dead FROM clusterflow.offsets",
  );
}

function expectedAccounts(): unknown {
  const dead = expectedDeadLetters().length;
  return [{ came: produced.records.length, stored: produced.records.length - dead, dead }];
}

async function goodSnapshots(connection: Connection): Promise<readonly Row[]> {
  const sql =
    "SELECT status, count(*)::integer AS n FROM clusterflow.snapshots WHERE cluster_id LIKE 'good-%' GROUP BY 1";
  return connection.query(sql);
}

describe(`the corpus between good snapshots (seed ${SEED})`, () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let connection: Connection;
  let env: Record<string, string>;
  let consumed: CliResult;
  let rssMb: number;

  beforeAll(async () => {
    database = await testDatabase();
    connection = new Connection(database.settings, "judge");
    env = { ...kafkaEnvironment(brokers, topic), ...databaseEnvironment(database.settings) };
    await using folder = await temporaryFolder();
    const peak = await folder.write("peak.txt", "");
    const atExit = await folder.write(
      "at-exit.mjs",
      `import { writeFileSync } from "node:fs";
       process.on("exit", () => writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)));`,
    );
    const words = ["consume", "--until-end", "-o", "json", "--give-up-after", "60s", "--max-poison", "0"];
    const nodeArguments = [`--max-old-space-size=${MAX_HEAP_MB}`, "--import", atExit];
    consumed = await runCli(words, { env, nodeArguments });
    rssMb = Number(await readFile(peak, "utf8")) / 1024;
  }, 300_000);
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it("is consumed to its end, within bounded memory", () => {
    expect(consumed.status, consumed.stderr.slice(-3000)).toBe(0);
    expect(rssMb).toBeLessThan(MAX_RSS_MB);
  });

  it("ends in the tables or in the dead letters, each record where the manifest says, for its reason", async () => {
    expect(await differences(connection)).toEqual([]);
    expect(await accounts(connection)).toEqual(expectedAccounts());
  });

  it("does not keep one good snapshot from being stored and proven", async () => {
    expect(await goodSnapshots(connection)).toEqual([{ status: "applied", n: produced.good.length }]);
    for (const snapshot of produced.newest) {
      const proof = await runCli(["verify", "--snapshot", snapshot], { env });
      expect(proof.status, proof.stdout + proof.stderr).toBe(0);
      expect(proof.stdout + proof.stderr).not.toContain(CANARY);
    }
  });

  it("shows nothing that a record holds, no stack, and nothing that moves a cursor", () => {
    const said = consumed.stdout + consumed.stderr;
    expect(said).not.toContain(CANARY);
    expect(said).not.toMatch(/^\s+at /m);
    expect(said).not.toMatch(/[^\P{Cc}\n]/u);
    expect(said).not.toContain("\nWARN forged");
    expect(said.split("\n").filter((line) => line.length > 2000)).toEqual([]);
  });

  it("keeps no value in any reason", async () => {
    const rows = await connection.query(
      "SELECT reason FROM clusterflow.dead_letters WHERE reason LIKE '%' || $1 || '%' OR length(reason) > 400 OR reason ~ '[[:cntrl:]]'",
      [CANARY],
    );
    expect(rows).toEqual([]);
  });

  it("is replayed from the dead letters byte for byte", async () => {
    const again = testTopicName("replayed");
    await anyTopic(brokers, again);
    const letters = await connection.query(
      `SELECT encode(key, 'base64') AS key, encode(value, 'base64') AS value, headers, timestamp_ms, partition
         FROM clusterflow.dead_letters ORDER BY partition, "offset"`,
    );
    await produceRaw(brokers, again, letters.map(messageOf));
    const expected = expectedDeadLetters();
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const originals = expected.filter((record) => record.partition === partition);
      const replayed = await readAll(again, partition, originals.length);
      for (const [index, original] of originals.entries()) {
        expect(wireForm(replayed[index]!), original.made?.name).toBe(wireForm(original));
      }
    }
  });
});

interface HeaderRow {
  readonly name: string;
  readonly nameBytes?: string;
  readonly value: string | null;
}

/** A dead letter as the record that it was. */
function messageOf(row: Row): RawMessage {
  const bytes = (text: unknown): Buffer | null =>
    typeof text === "string" ? Buffer.from(text, "base64") : null;
  const headers = (row["headers"] as readonly HeaderRow[]).map(
    ({ name, nameBytes, value }) => [bytes(nameBytes) ?? Buffer.from(name), bytes(value)] as const,
  );
  const [key, value] = [bytes(row["key"]), bytes(row["value"])];
  return {
    key,
    value,
    headers,
    partition: Number(row["partition"]),
    timestamp: row["timestamp_ms"] as bigint,
  };
}

/** All that a record is, as one text; null and empty differ. */
function wireForm(record: RawRecord | RawMessage): string {
  const hex = (bytes: string | Buffer | null): string =>
    bytes === null ? "null" : `<${Buffer.from(bytes).toString("hex")}>`;
  const headers = record.headers.map(([name, value]) => `${hex(name)}=${hex(value)}`);
  return [hex(record.key), hex(record.value), String(record.timestamp), ...headers].join("\n");
}

async function readAll(from: string, partition: number, count: number): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  const range = { topic: from, partition, first: 0n, last: BigInt(count) - 1n };
  await readRange({ brokers, topic: from }, range, (record) => void records.push(record));
  return records;
}

describe.each([
  ["one record a batch", 1],
  ["all records in one batch", Infinity],
])(`the corpus with %s (seed ${SEED})`, (_, size) => {
  it("ends as the manifest says", { timeout: 300_000 }, async () => {
    await using database = await testDatabase();
    await using connection = new Connection(database.settings, "writer");
    await migrate(connection);
    const options = {
      stream: clusterInfo,
      group: "g",
      connection,
      tell: () => undefined,
      giveUpAfterMs: null,
    };
    const deliver = openWriter(options);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const count = produced.records.filter((record) => record.partition === partition).length;
      const records = await readAll(topic, partition, count);
      const [claim] = await openLedger(connection, "g", "test").claim([
        { topic, partition, low: 0n, topicId: null },
      ]);
      for (const batch of batches(records, size, claim!.epoch)) {
        expect(await deliver(batch, new AbortController().signal)).toMatchObject({ kind: "stored" });
      }
    }
    expect(await differences(connection)).toEqual([]);
    expect(await accounts(connection)).toEqual(expectedAccounts());
    expect(await goodSnapshots(connection)).toEqual([{ status: "applied", n: produced.good.length }]);
  });
});

/** No batch is larger than the whole. */
function* batches(records: readonly RawRecord[], size: number, epoch: bigint): Generator<Batch> {
  for (let start = 0; start < records.length; start += size) {
    const slice = records.slice(start, start + size);
    const { topic: name, partition, offset } = slice[0]!;
    yield { topic: name, partition, epoch, start: offset, end: slice.at(-1)!.offset + 1n, records: slice };
  }
}
