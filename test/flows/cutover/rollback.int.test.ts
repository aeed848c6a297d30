import { expect, it } from "vitest";
import { clickMessage, eachOnce, openShop, type ShopWorld } from "../../support/cutover-world.ts";
import { createTopic, plainKafka } from "../../support/produce.ts";

/** A shop whose table is a topic now, with messages that only the topic has. */
async function switched(products: readonly number[]): Promise<ShopWorld> {
  const shop = await openShop(20);
  await shop.step("start", "--table", "shop.clicks");
  await shop.step("backfill");
  await shop.consume();
  await shop.step("verify", "--for", "0s");
  expect(await shop.step("finish")).toMatchObject({ status: 0 });
  await send(shop, products);
  return shop;
}

async function send({ brokers, topic }: ShopWorld, products: readonly number[]): Promise<void> {
  const producer = plainKafka(brokers).producer();
  await producer.connect();
  const messages = products.map((product) => ({ ...clickMessage(product), partition: product % 3 }));
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

async function admin<T>(
  { brokers }: ShopWorld,
  work: (admin: ReturnType<ReturnType<typeof plainKafka>["admin"]>) => Promise<T>,
): Promise<T> {
  const one = plainKafka(brokers).admin();
  await one.connect();
  try {
    return await work(one);
  } finally {
    await one.disconnect();
  }
}

const twenty = Array.from({ length: 20 }, (_, n) => n + 1);
const twelve = Array.from({ length: 12 }, (_, n) => 100 + n);

it("is refused when retention has taken what the table would lack, and says what that is", async () => {
  await using shop = await switched(twelve);
  const topic = shop.topic;
  const marks = await admin(shop, (one) => one.fetchTopicOffsets(topic));
  const high = BigInt(marks.find(({ partition }) => partition === 1)!.high);
  await admin(shop, async (one) => {
    await one.fetchTopicOffsets(topic); // without it kafkajs does not know the topic's leaders
    await one.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: String(high - 1n) }] });
  });
  const refused = await shop.step("rollback");
  expect(refused.status).toBe(6);
  expect(refused.stderr).toContain(
    `shop.clicks would lack it: 3 messages: partition 1 offsets ${high - 4n} to ${high - 2n} (3)`,
  );
  expect(refused.stderr).toMatch(/since 20\d\d-/);
  expect(refused.stderr).toContain("cutover rollback --stream mykart.clicks --accept-loss");
  // nothing was changed: there is no such table
  await expect(shop.inTable()).rejects.toThrow("does not exist");
  expect(await shop.step("rollback", "--dry-run")).toMatchObject({ status: 6 });

  expect(await shop.step("rollback", "--accept-loss")).toMatchObject({ status: 0 });
  const there = (await shop.inTable()).map(({ product }) => product);
  expect(there).toHaveLength(20 + 12 - 3);
}, 120_000);

it("does not mind that retention has taken what came from the table", async () => {
  await using shop = await switched([]);
  const topic = shop.topic;
  await admin(shop, async (one) => {
    const marks = await one.fetchTopicOffsets(topic);
    const partitions = marks.map(({ partition, high }) => ({ partition, offset: high }));
    await one.deleteTopicRecords({ topic, partitions });
  });
  await send(shop, twelve);
  expect(await shop.step("rollback")).toMatchObject({ status: 0 });
  expect(await shop.inTable()).toEqual(eachOnce([...twenty, ...twelve]));
}, 120_000);

it("is refused when the topic was deleted and made anew", async () => {
  await using shop = await switched(twelve);
  const { topic } = shop;
  await admin(shop, async (one) => {
    await one.deleteTopics({ topics: [topic] });
    await expect.poll(() => one.listTopics(), { timeout: 10_000 }).not.toContain(topic);
  });
  await createTopic(shop.brokers, topic, 3);
  await send(shop, [200]);
  const refused = await shop.step("rollback");
  expect(refused).toMatchObject({ status: 6, stderr: expect.stringContaining("made anew") as string });
  expect(await shop.step("rollback", "--accept-loss")).toMatchObject({ status: 0 });
  expect(await shop.inTable()).toEqual(eachOnce([...twenty, 200]));
}, 120_000);

it("tells what the table does not take, keeps it, and brings the rest", async () => {
  await using shop = await switched(twelve);
  const { topic, brokers } = shop;
  const producer = plainKafka(brokers).producer();
  await producer.connect();
  const click = { product_id: null, click_timestamp: "2026-01-31T10:00:00Z" };
  await producer.send({
    topic,
    messages: [
      { key: "product-null", value: JSON.stringify(click) }, // the table wants a product
      { key: "x", value: "no event" },
    ],
  });
  await producer.disconnect();
  const partly = await shop.step("rollback");
  expect(partly.status).toBe(5);
  expect(partly.stdout).toContain("2 cannot be stored there");
  expect(await shop.inTable()).toEqual(eachOnce([...twenty, ...twelve]));
  const left = await shop.sql`SELECT value, reason FROM clusterflow_cutover.left_over ORDER BY reason`;
  expect(left.map(({ value, reason }) => [String(value), String(reason)])).toEqual([
    [
      JSON.stringify(click),
      expect.stringMatching(/the table refuses it: .*null value in column "product_id"/),
    ],
    ["no event", expect.stringContaining("is not JSON")],
  ]);
}, 120_000);

it("does not give a name back that another table has taken", async () => {
  await using shop = await switched([]);
  await shop.sql.unsafe("CREATE VIEW shop.clicks AS SELECT 1 AS one");
  const refused = await shop.step("rollback");
  expect(refused).toMatchObject({
    status: 6,
    stderr: expect.stringContaining("another shop.clicks") as string,
  });
  await shop.sql.unsafe("DROP VIEW shop.clicks");
  expect(await shop.step("rollback")).toMatchObject({ status: 0 });
}, 120_000);

it("takes times without a zone for those of the zone that was named, there and back", async () => {
  await using shop = await openShop(0, "timestamp");
  await shop.sql`INSERT INTO shop.clicks (product_id, click_timestamp) VALUES (1, '2026-01-31 10:00:00.125')`;
  await shop.step("start", "--table", "shop.clicks", "--time-zone", "Asia/Kolkata");
  await shop.step("backfill");
  await shop.consume();
  const [stored] = await shop.sql`SELECT click_timestamp::text AS at FROM mykart.clicks`;
  expect(stored!["at"]).toBe("2026-01-31 04:30:00.125+00");
  const message = { product_id: 2, click_timestamp: "2026-01-31T04:30:00.125Z" };
  const producer = plainKafka(shop.brokers).producer();
  await producer.connect();
  await producer.send({ topic: shop.topic, messages: [{ key: "k", value: JSON.stringify(message) }] });
  await producer.disconnect();
  expect(await shop.step("rollback")).toMatchObject({ status: 0 });
  const rows =
    await shop.sql`SELECT product_id, click_timestamp::text AS at FROM shop.clicks ORDER BY product_id`;
  expect(rows.map(({ at }) => String(at))).toEqual(["2026-01-31 10:00:00.125", "2026-01-31 10:00:00.125"]);
}, 120_000);
