import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import {
  consumeAllTheTime,
  eachOnce,
  insertClicks,
  openShop,
  produceClicks,
} from "../support/cutover-world.ts";

const range = (length: number): number[] => Array.from({ length }, (_, n) => n + 1);

it("a table becomes a topic and a table again while others write all the time: nothing lost, nothing doubled", async () => {
  await using shop = await openShop(1_200);
  const inserting = insertClicks(shop.sql);
  expect(await shop.step("start", "--table", "shop.clicks")).toMatchObject({ status: 0 });
  expect(await shop.step("backfill")).toMatchObject({ status: 0 });

  // the first of the shop's new programs go to the topic already
  const early = produceClicks(shop.brokers, shop.topic);
  const consuming = consumeAllTheTime(shop);
  const verified = await shop.step("verify", "--for", "3s");
  expect(verified).toMatchObject({ status: 0, stdout: expect.stringMatching(/^proven for 3.0 s/) as string });
  expect(await shop.step("finish")).toMatchObject({ status: 0 });
  await inserting.stop();
  await early.stop();
  await consuming.stop();
  await shop.consume();
  const before = [...range(1_200), ...inserting.written, ...early.written];
  expect(inserting.written.size).toBeGreaterThan(50);
  expect(await shop.stored()).toEqual(eachOnce(before));
  expect(await shop.inTable("shop.clicks_before_cutover")).toEqual(
    eachOnce([...range(1_200), ...inserting.written]),
  );

  const late = produceClicks(shop.brokers, shop.topic);
  await delay(1_000);
  expect(await shop.step("rollback")).toMatchObject({ status: 0 });
  const again = insertClicks(shop.sql);
  await delay(500);
  await late.stop();
  await again.stop();
  expect(await shop.step("rollback")).toMatchObject({ status: 0 });
  expect(await shop.inTable()).toEqual(eachOnce([...before, ...late.written, ...again.written]));
}, 180_000);

it("a second cut-over after a way back stores nothing twice, and misses nothing", async () => {
  await using shop = await openShop(50);
  await shop.step("start", "--table", "shop.clicks");
  await shop.step("backfill");
  const first = produceClicks(shop.brokers, shop.topic);
  await delay(300);
  await first.stop();
  expect(await shop.step("rollback")).toMatchObject({ status: 0 });
  expect(await shop.inTable()).toEqual(eachOnce([...range(50), ...first.written]));

  const between = produceClicks(shop.brokers, shop.topic);
  await delay(300);
  await between.stop();
  expect(await shop.step("start")).toMatchObject({ status: 0 });
  const inserting = insertClicks(shop.sql);
  expect(await shop.step("backfill")).toMatchObject({ status: 0 });
  await inserting.stop();
  await shop.consume();
  // what waits in the outbox goes with the next step
  const all = [...range(50), ...first.written, ...between.written, ...inserting.written];
  const consuming = consumeAllTheTime(shop);
  expect(await shop.step("verify", "--for", "0s")).toMatchObject({ status: 0 });
  await consuming.stop();
  expect(await shop.stored()).toEqual(eachOnce(all));

  expect(await shop.step("rollback")).toMatchObject({ status: 0 });
  expect(await shop.inTable()).toEqual(eachOnce(all));
}, 120_000);
