import { describe, expect, inject, it } from "vitest";
import { kafkaToPostgres } from "../../src/flows/kafka-to-postgres.ts";
import { Connection } from "../../src/postgres/connection.ts";
import { streamNamed } from "../../src/streams/index.ts";
import { createTopic, plainKafka, produce, type ProducedMessage } from "../support/produce.ts";
import { testDatabase, testTopicName } from "../support/servers.ts";

const TIME = "2026-01-31T10:00:00.000Z";
const browser = { user_agent: "Mozilla/5.0", ip: "10.1.2.3" };
const message = (value: object, key = "product-1"): ProducedMessage => ({
  key,
  value: JSON.stringify({ ...value, ...browser }),
});
const click = (product: number | null): ProducedMessage =>
  message({ product_id: product, click_timestamp: TIME });

interface Shop {
  /** Consumes the messages from a topic of three partitions, up to its end. */
  readonly consume: (
    stream: string,
    messages: readonly ProducedMessage[],
    at?: { readonly topic?: string; readonly group?: string },
  ) => Promise<{ readonly stored: bigint | number; readonly deadLettered: bigint | number }>;
  readonly rows: (query: string) => Promise<readonly unknown[]>;
}

async function withShop(work: (shop: Shop) => Promise<void>): Promise<void> {
  const brokers = inject("brokers");
  await using database = await testDatabase();
  await using connection = new Connection(database.settings, "judge");
  await work({
    consume: async (name, messages, { topic = testTopicName("mykart"), group = name } = {}) => {
      await createTopic(brokers, topic, 3);
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
      return kafkaToPostgres(settings, streamNamed(name)!, { untilEnd: true, giveUpAfterMs: 60_000 }, run);
    },
    rows: (query) => connection.query(query),
  });
}

describe("the shop's events", () => {
  it("lie in their tables, those of unknown products too, bad ones in the dead letters, and the view counts them", async () => {
    await withShop(async ({ consume, rows }) => {
      const cart = (type: string): ProducedMessage =>
        message({ product_id: 1, quantity: 2, event_type: type, event_timestamp: TIME });
      await consume("mykart-cart-events", [cart("added"), cart("removed"), cart("stolen")]);
      await consume("mykart.clicks", [click(1), click(1), click(424_242), click(null)]);
      await consume("mykart.impressions", [message({ product_id: 1, impression_timestamp: TIME })]);
      await consume("mykart.page-hits", [
        message({ page_name: "cart", hit_timestamp: TIME }, "page-hit"),
        { key: "page-hit", value: "hit" },
      ]);

      expect(await rows("SELECT * FROM product_analytics ORDER BY product_id")).toMatchObject([
        { product_id: 1, name: null, impressions: 1n, clicks: 2n, cart_events: 2n, times_added: 1n },
        { product_id: 424_242, clicks: 1n, cart_events: 0n },
        { product_id: null, clicks: 1n },
      ]);
      expect(await rows("SELECT page_name, hit_timestamp FROM page_hits")).toEqual([
        { page_name: "cart", hit_timestamp: new Date(TIME) },
      ]);
      expect(await rows("SELECT quantity, event_type FROM cart_events ORDER BY event_type")).toEqual([
        { quantity: 2, event_type: "added" },
        { quantity: 2, event_type: "removed" },
      ]);
      const letters = await rows(`SELECT reason FROM clusterflow.dead_letters ORDER BY "group"`);
      expect(letters).toMatchObject([
        { reason: expect.stringContaining("the field event_type is not one of") as string },
        { reason: expect.stringContaining("is not JSON") as string },
      ]);
    });
  });

  it("are stored once, however often a topic is read", async () => {
    await withShop(async ({ consume, rows }) => {
      const topic = testTopicName("clicks");
      await consume("mykart.clicks", [click(1), click(1)], { topic });
      expect(await consume("mykart.clicks", [], { topic, group: "another" })).toMatchObject({ stored: 2 });
      expect(await rows("SELECT product_id FROM clicks")).toHaveLength(2);
    });
  });

  it("are others in a topic that was deleted and created anew", async () => {
    await withShop(async ({ consume, rows }) => {
      const topic = testTopicName("clicks");
      await consume("mykart.clicks", [click(1)], { topic });
      const admin = plainKafka(inject("brokers")).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [topic] });
      await expect.poll(() => admin.listTopics(), { timeout: 10_000 }).not.toContain(topic);
      await admin.disconnect();
      await consume("mykart.clicks", [click(1)], { topic, group: "another" });
      expect(await rows("SELECT product_id FROM clicks")).toHaveLength(2);
    });
  });

  it("are the same in a copy of the topic when a header names them", async () => {
    await withShop(async ({ consume, rows }) => {
      const named = { ...click(1), headers: { "event-id": "e1" } };
      await consume("mykart.clicks", [named]);
      await consume("mykart.clicks", [named], { group: "another" });
      expect(await rows("SELECT event_id, product_id FROM clicks")).toEqual([
        { event_id: "e1", product_id: 1 },
      ]);
    });
  });

  it("leave the shop's own table alone where the sink is the shop's database", async () => {
    await withShop(async ({ consume, rows }) => {
      await rows("CREATE TABLE public.clicks (click_id serial PRIMARY KEY, product_id integer)");
      await consume("mykart.clicks", [click(1)]);
      expect(await rows("SELECT * FROM public.clicks")).toEqual([]);
      expect(await rows("SELECT product_id FROM mykart.clicks")).toEqual([{ product_id: 1 }]);
    });
  });
});
