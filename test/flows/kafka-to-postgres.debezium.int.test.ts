import { describe, expect, inject, it } from "vitest";
import { kafkaToPostgres } from "../../src/flows/kafka-to-postgres.ts";
import { Connection } from "../../src/postgres/connection.ts";
import type { Stream } from "../../src/streams/define.ts";
import { streamNamed } from "../../src/streams/index.ts";
import { createTables, recorded, streamOf, type Recording } from "../streams/debezium/recorded.ts";
import { createTopic, produce, type ProducedMessage } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

interface Sink {
  readonly consume: (
    stream: Stream,
    messages: readonly ProducedMessage[],
    at?: { readonly partitions?: number; readonly topic?: string; readonly group?: string },
  ) => Promise<{ readonly stored: bigint | number; readonly deadLettered: bigint | number }>;
  readonly rows: (query: string) => Promise<readonly unknown[]>;
}

async function withSink(work: (sink: Sink) => Promise<void>): Promise<void> {
  const brokers = inject("brokers");
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "judge");
  await connection.script(createTables());
  await work({
    consume: async (stream, messages, at = {}) => {
      const { partitions = 3, topic = testTopicName("cdc"), group = stream.group } = at;
      await createTopic(brokers, topic, partitions);
      await produce(brokers, topic, messages);
      const deadLetters = { maxInARow: 100, topic: null };
      const settings = {
        kafka: { brokers, topic },
        database: database.settings,
        group,
        deadLetters,
        http: null,
      };
      const run = { tell: () => undefined, signal: new AbortController().signal, environment: {} };
      return kafkaToPostgres(settings, stream, { untilEnd: true, giveUpAfterMs: 60_000 }, run);
    },
    rows: (query) => connection.query(query),
  });
}

function messages(recording: Recording, table: string): readonly ProducedMessage[] {
  return recorded(recording, table).map(({ key, value }) => ({ key, value }));
}

describe.each(["default", "strings", "doubles"] as const)(
  "a recorded connector's topics (%s)",
  (recording) => {
    it("become the tables that its source had in the end, and stay so when they are read again", async () => {
      await withSink(async ({ consume, rows }) => {
        for (const table of ["ri_default", "ri_full", "pk_multi", "pk_uuid", "ddl_change", "toast_default"]) {
          const topic = testTopicName(table);
          const sent = messages(recording, table);
          const all = { stored: sent.length, deadLettered: 0 };
          expect(await consume(streamOf(table), sent, { topic })).toMatchObject(all);
          const once = await rows(`SELECT * FROM copies.${table} ORDER BY 1`);
          expect(await consume(streamOf(table), [], { topic, group: "again" })).toMatchObject(all);
          expect(await rows(`SELECT * FROM copies.${table} ORDER BY 1`)).toEqual(once);
        }
        expect(await rows("SELECT * FROM copies.ri_default ORDER BY id")).toEqual([
          { id: 10, a: "uno", b: 1 },
          { id: 100, a: "tx", b: 2 },
        ]);
        expect(await rows("SELECT * FROM copies.ri_full ORDER BY id")).toEqual([
          { id: 10, a: "uno", b: 1 },
          { id: 100, a: "tx", b: 1 },
        ]);
        expect(await rows("SELECT id, v, n FROM copies.ddl_change ORDER BY id")).toMatchObject([
          { id: 1, v: "before", n: null },
          { id: 2, v: "after add", n: 8n },
          { id: 3, v: null, n: 9n },
          { id: 4, v: null, n: 10n },
          { id: 5, v: null, n: 11n },
        ]);
        for (const emptied of ["pk_multi", "pk_uuid", "toast_default"])
          expect(await rows(`SELECT * FROM copies.${emptied}`)).toEqual([]);
      });
    });

    it("keep what lies out of line while other columns change", async () => {
      await withSink(async ({ consume, rows }) => {
        const [created, first, second] = messages(recording, "toast_default");
        await consume(streamOf("toast_default"), [created!]);
        const [before] = await rows(
          "SELECT md5(t) AS t, j::text, js::text, ai, at, au, al FROM copies.toast_default",
        );
        await consume(streamOf("toast_default"), [first!], { group: "two" });
        const [after] = await rows(
          "SELECT md5(t) AS t, j::text, js::text, ai, at, au, al FROM copies.toast_default",
        );
        expect(after).toEqual(before);
        await consume(streamOf("toast_default"), [second!], { group: "three" });
        const [last] = await rows("SELECT t, n, j::text, js::text, ai, at, au, al FROM copies.toast_default");
        expect(last).toEqual({ ...(before as object), t: "short now", n: 2 });
      });
    });

    it("are typed as they were", async () => {
      await withSink(async ({ consume, rows }) => {
        const sent = messages(recording, "types_all").filter(({ value }) =>
          String(value).includes('"strm: '),
        );
        const { deadLettered } = await consume(streamOf("types_all"), sent);
        // days and times that are infinite or the last there are, and that the connector writes as others
        expect(Number(deadLettered)).toBe(recording === "doubles" ? 3 : 4);
        const [row] = await rows(
          `SELECT c_int8, c_num10_2::text, c_num::text, c_double, c_bool, c_date::text, c_tstz, c_uuid, c_json::text,
                c_jsonb::text, c_enum, a_int8::text, a_text::text, a_num10_2::text
           FROM copies.types_all WHERE label = 'strm: ordinary'`,
        );
        expect(row).toEqual({
          ...{
            c_int8: 1_234_567_890_123n,
            c_num10_2: "1234.50",
            c_num: "1234.5678",
            c_double: 3.14159265358979,
          },
          ...{ c_bool: true, c_date: "2024-02-29", c_tstz: new Date("2024-02-29T11:14:15.123Z") },
          c_uuid: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
          c_json: '{"a": 1,  "b":[1,2.50, null], "a":2}',
          c_jsonb: '{"a": 12345678901234567890, "b": [1, 2.50, null]}',
          ...{ c_enum: "so happy", a_int8: "{1,9007199254740993}", a_num10_2: "{1.50,2.00}" },
          a_text: '{a,"b c","NULL",NULL,"q\\"x",é}',
        });
        const times = await rows(
          `SELECT c_ts::text AS at FROM copies.types_all
          WHERE label IN ('strm: ts BC', 'strm: ts DST gap', 'strm: ts inf') AND c_ts IS NOT NULL ORDER BY c_ts`,
        );
        if (recording !== "strings")
          expect(times.slice(0, 2)).toEqual([
            { at: "0044-03-15 12:00:00 BC" },
            { at: "2024-03-31 02:30:00" },
          ]);
      });
    });
  },
);

it("a truncate empties the copy, and what comes after it stays", async () => {
  await withSink(async ({ consume, rows }) => {
    await consume(streamOf("trunc_a"), messages("strings", "trunc_a"), { partitions: 1 });
    expect(await rows("SELECT * FROM copies.trunc_a")).toEqual([{ id: 2, v: "after" }]);
  });
});

describe("the shop's tables", () => {
  const change = (op: string, after: object | null, id: number): ProducedMessage => ({
    key: JSON.stringify({ product_id: id }),
    value: JSON.stringify({ before: null, after, source: { connector: "postgresql" }, op, ts_ms: 1 }),
  });
  const lamp = {
    ...{ product_id: 1, name: "Lamp", description: "bright", price: 19.99, category: "home", brand: "B" },
    ...{ stock_quantity: 100, image_url: null, created_at: 1_769_853_600_123_456 },
  };

  it("are copied beside them, in either spelling of the topic, and name the products of the events", async () => {
    await withSink(async ({ consume, rows }) => {
      await rows("CREATE TABLE public.products (product_id serial PRIMARY KEY)");
      const stream = streamNamed("debezium.mykart.public.products")!;
      expect(stream.topic.name).toBe("debezium.mykart.public.products");
      await consume(stream, [
        change("r", lamp, 1),
        change("c", { ...lamp, product_id: 2, price: "1234.00" }, 2),
        change("u", { ...lamp, description: "__debezium_unavailable_value", price: "17.00" }, 1),
        change("d", null, 2),
        { key: JSON.stringify({ product_id: 2 }), value: null },
      ]);
      expect(
        await rows("SELECT name, description, price::text, created_at::text FROM mykart_cdc.products"),
      ).toEqual([
        { name: "Lamp", description: "bright", price: "17.00", created_at: "2026-01-31 10:00:00.123456" },
      ]);
      expect(await rows("SELECT product_id, name, clicks FROM mykart.product_analytics")).toEqual([
        { product_id: 1, name: "Lamp", clicks: 0n },
      ]);
      expect(await rows("SELECT * FROM public.products")).toEqual([]);
    });
  });
});
