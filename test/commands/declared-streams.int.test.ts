import { describe, expect, inject, it } from "vitest";
import { Connection, type Row } from "../../src/postgres/connection.ts";
import { databaseEnvironment, runCli, temporaryFolder, type CliResult } from "../support/cli.ts";
import { produce, type ProducedMessage } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

function streamsFile(topic: string): string {
  return `version: 1
streams:
  - name: orders
    topic: { name: ${topic}, partitions: 2 }
    tables:
      - table: shop.orders
        again: replace
        identity: [id]
        when: { path: $.type, equals: [placed, changed] }
        columns:
          id: { type: bigint, path: $.order.id }
          customer: { type: text, path: $.order.customer, required: true }
          total: { type: "numeric(30,2)", path: $.order.total }
          tags: { type: "text[]", path: $.order.tags }
          document: { type: jsonb, path: $ }
      - table: shop.order_events
        identity: [topic, partition, offset]
        columns:
          topic: { type: text, from: topic }
          partition: { type: integer, from: partition }
          offset: { type: bigint, from: offset }
          type: { type: text, path: $.type, default: unknown }
          trace: { type: text, from: "header:trace-id" }
          born: { type: date, path: $.born }
`;
}

interface World {
  readonly topic: string;
  readonly run: (...words: readonly string[]) => Promise<CliResult>;
  readonly send: (...messages: readonly (string | ProducedMessage)[]) => Promise<void>;
  readonly rows: (query: string) => Promise<readonly Row[]>;
  readonly write: (name: string, text: string) => Promise<string>;
}

async function withWorld(
  work: (world: World) => Promise<void>,
  change = (text: string) => text,
): Promise<void> {
  const brokers = inject("brokers");
  const topic = testTopicName("orders");
  await using database = await testDatabase();
  await using folder = await temporaryFolder();
  await using connection = new Connection(database.settings, "test");
  const file = await folder.write("streams.yaml", change(streamsFile(topic)));
  const env = {
    ...databaseEnvironment(database.settings),
    KAFKA_BROKERS: brokers.join(","),
    CLUSTERFLOW_STREAMS: file,
  };
  await work({
    topic,
    run: (...words) => runCli(words, { env, cwd: folder.path }),
    send: (...messages) =>
      produce(
        brokers,
        topic,
        messages.map((message) =>
          typeof message === "string" ? { key: null, value: message, partition: 0 } : message,
        ),
      ),
    rows: (query) => connection.query(query),
    write: (name, text) => folder.write(name, text),
  });
}

const CONSUME = ["consume", "--stream", "orders", "--until-end", "-o", "json"];

describe("a stream that a file declares", () => {
  it("goes from its topic into its tables, and comes again without a change", async () => {
    await withWorld(async ({ run, send, rows, topic }) => {
      expect(await run("topic", "create", "--stream", "orders")).toMatchObject({
        status: 0,
        stdout: `topic ${topic} has 2 partitions\n`,
      });
      const id = "9007199254740993";
      await send(
        `{"type":"placed","order":{"id":${id},"customer":"Ada","total":12345678901234567890.25,"tags":["a\\"b",null]}}`,
        {
          key: null,
          value: `{"type":"placed","order":{"id":2,"customer":"Bob"}}`,
          partition: 1,
          headers: { "trace-id": "t-1" },
        },
        `{"type":"changed","order":{"id":${id},"customer":"Ada L.","total":12345678901234567890.25,"n":12345678901234567890}}`,
        `{"type":"viewed"}`,
        `{"type":"placed","order":{"id":3}}`,
        `{"type":"placed","order":{"id":"x","customer":"Eve"}}`,
        `{"type":"viewed","born":"2023-02-29"}`,
        "no JSON",
      );
      const consumed = await run(...CONSUME);
      expect(consumed).toMatchObject({ status: 0 });
      expect(JSON.parse(consumed.stdout)).toMatchObject({ ok: true, stored: 4, deadLettered: 4 });
      const stored = {
        orders: await rows(
          `SELECT id, customer, total::text, tags::text, document->'order'->>'n' AS n FROM shop.orders ORDER BY id`,
        ),
        events: await rows(
          `SELECT partition, "offset", type, trace FROM shop.order_events ORDER BY partition, "offset"`,
        ),
        letters: await rows(`SELECT "offset", stage, reason FROM clusterflow.dead_letters ORDER BY "offset"`),
      };
      expect(stored).toEqual({
        orders: [
          { id: 2n, customer: "Bob", total: null, tags: null, n: null },
          {
            id: BigInt(id),
            customer: "Ada L.",
            total: "12345678901234567890.25",
            tags: null,
            n: "12345678901234567890",
          },
        ],
        events: [
          { partition: 0, offset: 0n, type: "placed", trace: null },
          { partition: 0, offset: 1n, type: "changed", trace: null },
          { partition: 0, offset: 2n, type: "viewed", trace: null },
          { partition: 1, offset: 0n, type: "placed", trace: "t-1" },
        ],
        letters: [
          {
            offset: 3n,
            stage: "decode",
            reason: "column customer wants a text, and $.order.customer is missing",
          },
          {
            offset: 4n,
            stage: "decode",
            reason: "column id wants a whole number of 64 bits, and $.order.id is another text",
          },
          {
            offset: 5n,
            stage: "decode",
            reason: "column born wants a day, such as 2026-01-31, and $.born is another text",
          },
          { offset: 6n, stage: "decode", reason: expect.stringContaining("the value is not JSON") as string },
        ],
      });
      expect((await run("verify", "--stream", "orders")).stdout).toMatch(
        /^proven: stream orders; 8 messages = 4 stored \+ 4 dead-lettered \+ 0 gaps; 6 rows made = 6 found, digests same; 0 lost, 0 double$/m,
      );
      expect(await run(...CONSUME, "--from", "earliest")).toMatchObject({ status: 0 });
      expect(
        await rows(
          `SELECT (SELECT count(*) FROM shop.orders) AS orders, (SELECT count(*) FROM shop.order_events) AS events`,
        ),
      ).toEqual([{ orders: 2n, events: 4n }]);
    });
  });

  it("is not sent to another stream's topic by an env file that is made for that one", async () => {
    await withWorld(async ({ run, rows, send, topic, write }) => {
      await run("topic", "create", "--stream", "orders");
      await send(`{"type":"viewed"}`);
      const file = await write(
        "consumer.env",
        "KAFKA_TOPIC=cluster-info\nKAFKA_GROUP_ID=cluster-info-consumer\n",
      );
      const { status, stderr } = await run(...CONSUME, "-f", file);
      expect(status).toBe(0);
      expect(stderr).toContain(
        `KAFKA_TOPIC in ${file}:1 is cluster-info, which belongs to another stream, and is not used for orders`,
      );
      expect(await rows(`SELECT "group", topic FROM clusterflow.offsets WHERE stored > 0`)).toEqual([
        { group: "orders-consumer", topic },
      ]);
    });
  });
});

describe("verify of a declared stream", () => {
  it("waits for what is not consumed, and tells what was lost", async () => {
    await withWorld(async ({ run, send, rows }) => {
      await run("topic", "create", "--stream", "orders");
      await send(`{"type":"viewed"}`, `{"type":"viewed"}`);
      await run(...CONSUME);
      await send(`{"type":"viewed"}`);
      const waiting = await run("verify", "--stream", "orders");
      expect(waiting.status).toBe(8);
      expect(waiting.stdout).toContain("in flight: 1 messages are not consumed yet");
      expect(waiting.stdout).toContain("clusterflow consume --stream orders --until-end");
      await run(...CONSUME);
      await rows("UPDATE clusterflow.offsets SET stored = 2 WHERE stored = 3");
      const wrong = await run("verify", "--stream", "orders");
      expect(wrong.status).toBe(4);
      expect(wrong.stdout).toContain("3 records lie there, but 2 stored + 0 dead-lettered: 1 lost");
    });
  });
});

describe("the tables of a declared stream", () => {
  it("are made by migrate, once", async () => {
    await withWorld(async ({ run }) => {
      expect((await run("migrate")).stdout).toMatch(/table shop\.orders, table shop\.order_events\n$/);
      expect((await run("migrate")).stdout).toBe("the database is up to date\n");
    });
  });

  it("are compared when they are there, and never altered", async () => {
    await withWorld(async ({ run, rows }) => {
      await run("migrate");
      await rows(`ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey`);
      await rows(`ALTER TABLE shop.orders ALTER customer TYPE varchar(9)`);
      await rows(`ALTER TABLE shop.orders DROP COLUMN tags`);
      await rows(`ALTER TABLE shop.order_events ADD more integer NOT NULL`);
      const refused = await run("migrate");
      expect(refused.status).toBe(2);
      const sentences = [
        `"shop"."orders" has column "customer" as character varying(9) and not text: ALTER TABLE "shop"."orders" ALTER "customer" TYPE text;`,
        `"shop"."orders" has no column "tags": ALTER TABLE "shop"."orders" ADD "tags" text[];`,
        `"shop"."orders" has no unique constraint on ("id"), by which a message that comes twice is known: ALTER TABLE "shop"."orders" ADD UNIQUE ("id");`,
        `"shop"."order_events" wants a value for "more", which the stream does not have: ALTER TABLE "shop"."order_events" ALTER "more" DROP NOT NULL;`,
      ];
      for (const sentence of sentences) {
        expect(refused.stderr).toContain(sentence);
        await rows(sentence.slice(sentence.indexOf("ALTER TABLE")));
      }
      expect(await run("migrate")).toMatchObject({ status: 0, stdout: "the database is up to date\n" });
    });
  });

  it("may not be a view", async () => {
    await withWorld(async ({ run, rows }) => {
      await rows("CREATE SCHEMA shop");
      await rows("CREATE VIEW shop.orders AS SELECT 1 AS id");
      expect((await run("migrate")).stderr).toContain(
        `"shop"."orders" is there and is no table: declare another name`,
      );
    });
  });
});

describe("a file with faults", () => {
  it("ends every command that reads it, with all of them and their lines", async () => {
    await withWorld(
      async ({ run }) => {
        for (const words of [CONSUME, ["migrate"], ["streams", "list"], ["streams", "describe", "orders"]]) {
          const { status, stderr, stdout } = await run(...words);
          expect({ words, status }).toEqual({ words, status: 2 });
          const told = stderr + stdout;
          expect(told).toMatch(
            /streams\.yaml:11:\d+: streams\[0]\.tables\[0]\.columns\.id\.type is no type: bigin; did you mean bigint\?/,
          );
          expect(told).toMatch(/streams\.yaml:17:\d+: .*has no key identiti; did you mean identity\?/);
        }
      },
      (text) => text.replace("type: bigint", "type: bigin").replace("identity: [topic", "identiti: [topic"),
    );
  });
});
