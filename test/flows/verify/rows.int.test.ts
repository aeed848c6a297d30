import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { ConsumerSettings } from "../../../src/config/consumer.ts";
import { kafkaToPostgres } from "../../../src/flows/kafka-to-postgres.ts";
import { resetToEarliest } from "../../../src/flows/reset.ts";
import { verify } from "../../../src/flows/verify.ts";
import type { CheckId } from "../../../src/pipeline/proof/check.ts";
import type { Proof } from "../../../src/pipeline/proof/proof.ts";
import { Connection } from "../../../src/postgres/connection.ts";
import type { Stream } from "../../../src/streams/define.ts";
import { streamNamed } from "../../../src/streams/index.ts";
import { declare } from "../../../src/streams/declared/declare.ts";
import { toStream } from "../../../src/streams/declared/stream.ts";
import { EMPTIED } from "../../support/emptied.ts";
import { createTopic, plainKafka, produce, type ProducedMessage } from "../../support/produce.ts";
import { testDatabase, testTopicName } from "../../support/servers.ts";

/** The rows of streams of tables, compared with what lies in their topic, after somebody changed them. */
const brokers = inject("brokers");
const run = { tell: () => undefined, signal: new AbortController().signal, environment: {} };
let database: Awaited<ReturnType<typeof testDatabase>>;
let connection: Connection;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  connection = new Connection(database.settings, "test");
  await connection.script(EMPTIED);
});
afterEach(async () => {
  await connection[Symbol.asyncDispose]();
});

interface World {
  readonly settings: ConsumerSettings;
  readonly put: (...messages: readonly ProducedMessage[]) => Promise<void>;
  readonly consume: () => Promise<void>;
  readonly proof: () => Promise<Proof>;
}

async function worldOf(stream: Stream, partitions: number): Promise<World> {
  const topic = testTopicName("rows");
  await createTopic(brokers, topic, partitions);
  const settings: ConsumerSettings = {
    kafka: { brokers, topic },
    database: database.settings,
    group: "g",
    deadLetters: { maxInARow: 100, topic: null },
    http: null,
  };
  return {
    settings,
    put: (...messages) => produce(brokers, topic, messages),
    consume: async () => {
      await kafkaToPostgres(settings, stream, { untilEnd: true, giveUpAfterMs: 20_000 }, run);
    },
    proof: () => verify(settings, { stream }, run),
  };
}

const failing = ({ checks }: Proof): readonly CheckId[] =>
  checks.filter(({ status }) => status === "failed").map(({ id }) => id);
const detailOf = ({ checks }: Proof, id: CheckId): string =>
  checks.find((check) => check.id === id)?.detail ?? "";

const clicks = streamNamed("mykart.clicks")!;
const click = (product: number, id?: string): ProducedMessage => ({
  key: null,
  value: JSON.stringify({ product_id: product, click_timestamp: "2026-01-31T12:00:00+01:00" }),
  partition: product % 2,
  ...(id === undefined ? {} : { headers: { "event-id": id } }),
});

describe("rows that are kept as they came first", () => {
  async function stored(): Promise<World> {
    const world = await worldOf(clicks, 2);
    // more than are held at a time; the last two come twice, once as they were and once with another product
    await world.put(...Array.from({ length: 1_200 }, (_, n) => click(n)), { ...click(1), value: "no JSON" });
    await world.put(click(6, "twice"), click(6, "twice"), click(8, "other"), click(10, "other"));
    await world.consume();
    return world;
  }

  it("are proven, also where a message came twice", async () => {
    const world = await stored();
    const proof = await world.proof();
    expect(proof.sentence).toBe(
      "proven: stream mykart.clicks; 1205 messages = 1204 stored + 1 dead-lettered + 0 gaps; 1203 rows made, some by several messages, all among the 1202 found, digests same; 0 lost, 0 double",
    );
    expect(detailOf(proof, "digest")).toMatch(/^mykart\.clicks: digest [0-9a-f]{30}$/);
  });

  it("are wrong where one was changed, with its place, its column and both values", async () => {
    const world = await stored();
    await connection.query("UPDATE mykart.clicks SET product_id = -7 WHERE product_id = 1001");
    const proof = await world.proof();
    expect(failing(proof)).toEqual(["digest"]);
    expect(detailOf(proof, "digest")).toMatch(
      /^partition 1 offset 500: mykart\.clicks \(event_id ".*\/1\/500\/.*"\) has product_id "-7", and the message makes product_id "1001"$/,
    );
    const [, statement] = /^in the database: (.*); then: /.exec(proof.hint ?? "") ?? [];
    await connection.script(statement ?? "");
    await resetToEarliest(world.settings, run);
    await world.consume();
    expect((await world.proof()).verdict).toBe("proven");
  });

  it("are wrong where one is missing, and where one is there twice", async () => {
    const world = await stored();
    await connection.query("DELETE FROM mykart.clicks WHERE product_id = 4");
    const missing = await world.proof();
    expect(failing(missing)).toEqual(["counts", "digest"].slice(0, failing(missing).length));
    expect(detailOf(missing, "counts")).toMatch(/^partition 0 offset 2: mykart\.clicks \(.*\) is missing/);
    await connection.script(`ALTER TABLE mykart.clicks DROP CONSTRAINT clicks_pkey;
      INSERT INTO mykart.clicks SELECT * FROM mykart.clicks WHERE product_id = 5`);
    expect(detailOf(await world.proof(), "counts")).toMatch(
      /partition 1 offset 2: mykart\.clicks \(.*\) is there more than once/,
    );
  });

  it("are not judged where no message makes them, and those that retention removed are no part of it", async () => {
    const world = await stored();
    await removeBefore(world, 0, 100n);
    await connection.query("INSERT INTO mykart.clicks VALUES ('by-hand', 1, now()), ('by-hand-2', 1, now())");
    const proof = await world.proof();
    expect(proof.verdict).toBe("proven");
    expect(detailOf(proof, "counts")).toBe(
      "mykart.clicks: 1103 rows made = 1103 found; mykart.clicks: at least 101 more rows, which no message that was read makes, were not judged",
    );
    expect(proof.sentence).toContain("100 of which retention has removed; 1103 rows made");
  });
});

async function removeBefore({ settings }: World, partition: number, offset: bigint): Promise<void> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  await admin.fetchTopicOffsets(settings.kafka.topic); // without it the admin does not know the leader
  const partitions = [{ partition, offset: offset.toString() }];
  await admin.deleteTopicRecords({ topic: settings.kafka.topic, partitions });
  await admin.disconnect();
}

describe("rows that are replaced", () => {
  const declared = declare(
    "streams.yaml",
    `version: 1
streams:
  - name: orders
    topic: orders
    tables:
      - table: shop.orders
        again: replace
        identity: [id]
        columns:
          id: { type: "numeric(10,2)", path: $.id }
          note: { type: text, path: $.note }
          password: { type: text, path: $.password }
          tags: { type: "text[]", path: $.tags }
          doc: { type: jsonb, path: $ }
      - table: shop.seen
        identity: [partition, offset]
        columns:
          partition: { type: integer, from: partition }
          offset: { type: bigint, from: offset }
`,
  );
  if (declared.kind !== "declared") throw new Error("the declaration is wrong");
  const [orders] = declared.streams.map(toStream);
  const order = (id: string, note: string, partition = 0): ProducedMessage => ({
    key: null,
    value: `{"id":"${id}","note":"${note}","password":"p-${note}","tags":["a",null],"n":1.50}`,
    partition,
  });

  it("are what the last message makes, whatever came before and in whatever spelling", async () => {
    const world = await worldOf(orders!, 2);
    await world.put(order("1", "first"), order("2", "only"), order("1.0", "second"), order("1.00", "last"));
    await world.put(order("3", "here", 0), order("3", "there", 1));
    await world.consume();
    expect((await world.proof()).sentence).toContain("9 rows made = 9 found, digests same; 0 lost");
    await connection.query("UPDATE shop.orders SET note = 'first', password = 'p-first' WHERE id = 1");
    const proof = await world.proof();
    expect(failing(proof)).toEqual(["digest"]);
    expect(detailOf(proof, "digest")).toContain(
      'partition 0 offset 3: shop.orders (id "1.00") has note "first", password ***, and the message makes note "last", password ***',
    );
    expect(detailOf(proof, "digest")).not.toContain("p-first");
    await resetToEarliest(world.settings, run);
    await world.consume();
    expect((await world.proof()).verdict).toBe("proven");
  });

  it("cannot be looked for where there is no topic, which its own command makes", async () => {
    const { settings } = await worldOf(orders!, 1);
    const elsewhere = { ...settings, kafka: { brokers, topic: "never-made" } };
    await expect(verify(elsewhere, { stream: orders! }, run)).rejects.toMatchObject({
      code: "usage",
      hint: "clusterflow topic create --stream orders --topic never-made",
    });
  });

  it("are wrong where their table is gone", async () => {
    const world = await worldOf(orders!, 1);
    await world.put(order("1", "first"));
    await world.consume();
    await connection.script("DROP TABLE shop.seen");
    expect(detailOf(await world.proof(), "counts")).toContain("shop.seen: it is not there");
  });
});

describe("rows of a copy", () => {
  const orders = streamNamed("debezium.mykart.orders")!;
  const change = (op: string, id: number, status: string | null, partition = 0): ProducedMessage => {
    const row = { order_id: id, order_timestamp: 0, total_amount: "1.50", status };
    const [before, after] = op === "d" ? [row, null] : [null, row];
    return { key: JSON.stringify({ order_id: id }), value: JSON.stringify({ op, before, after }), partition };
  };
  const truncate = (partition = 0): ProducedMessage => ({
    key: null,
    value: JSON.stringify({ op: "t", before: null, after: null }),
    partition,
  });
  const UNAVAILABLE = "__debezium_unavailable_value";

  it("are what all changes leave: rows, deletes and columns that a change leaves alone", async () => {
    const world = await worldOf(orders, 2);
    await world.put(change("c", 1, "new"), change("c", 2, "new"), change("c", 3, "new", 1));
    await world.put(change("u", 1, UNAVAILABLE), change("d", 2, null), change("u", 3, "sent", 1));
    await world.consume();
    const proof = await world.proof();
    expect(proof.sentence).toContain("2 rows made = 2 found, digests same; 0 lost, 0 double");
    await connection.script(`UPDATE mykart_cdc.orders SET status = 'altered' WHERE order_id = 1;
      INSERT INTO mykart_cdc.orders (order_id) VALUES (2)`);
    const wrong = await world.proof();
    expect(detailOf(wrong, "digest")).toContain(
      'partition 0 offset 2: mykart_cdc.orders (order_id "1") has status "altered", and the message makes status "new"',
    );
    expect(detailOf(wrong, "counts")).toContain(
      'partition 0 offset 3: mykart_cdc.orders (order_id "2") is there, and the message deletes it',
    );
    await resetToEarliest(world.settings, run);
    await world.consume();
    expect((await world.proof()).verdict).toBe("proven");
  });

  it("are what is left after a truncate, and not compared where that came between several partitions", async () => {
    const one = await worldOf(orders, 1);
    await one.put(change("c", 1, "new"), truncate(), change("c", 2, "new"));
    await one.consume();
    expect((await one.proof()).sentence).toContain("1 rows made = 1 found, digests same; 0 lost");
    const two = await worldOf(orders, 2);
    await two.put(change("c", 4, "new", 1), truncate(), change("c", 5, "new"));
    await two.consume();
    expect((await two.proof()).sentence).toContain("the rows of mykart_cdc.orders were not compared");
  });
});
