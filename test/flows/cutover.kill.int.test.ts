import { expect, it } from "vitest";
import {
  consumeAllTheTime,
  eachOnce,
  insertClicks,
  openShop,
  produceClicks,
} from "../support/cutover-world.ts";

const range = (length: number): number[] => Array.from({ length }, (_, n) => n + 1);

it("killed at every point on the way there and back, and called again, it loses nothing and doubles nothing", async () => {
  await using shop = await openShop(1_200);
  const inserting = insertClicks(shop.sql);
  await shop.killedAt("cutover-begun", 1, "start", "--table", "shop.clicks");
  expect(await shop.step("start")).toMatchObject({ status: 0 });
  await shop.killedAt("cutover-sent", 2, "backfill");
  await shop.killedAt("cutover-noted", 2, "backfill");
  expect(await shop.step("backfill")).toMatchObject({ status: 0 });

  await shop.consume();
  await shop.killedAt("cutover-sent", 1, "verify", "--for", "0s");
  const consuming = consumeAllTheTime(shop);
  expect(await shop.step("verify", "--for", "0s")).toMatchObject({ status: 0 });
  await consuming.stop();

  const producing = produceClicks(shop.brokers, shop.topic);
  await shop.killedAt("cutover-closed", 1, "finish");
  await inserting.stop();
  const rows = [...range(1_200), ...inserting.written];
  expect(await shop.inTable("shop.clicks_before_cutover")).toEqual(eachOnce(rows));
  await shop.killedAt("cutover-drained", 1, "finish");
  expect(await shop.step("finish")).toMatchObject({ status: 0 });
  await shop.consume();
  const there = await shop.stored();
  expect(there.filter(({ product }) => rows.includes(product))).toEqual(eachOnce(rows));

  await shop.killedAt("cutover-opened", 1, "rollback");
  const again = insertClicks(shop.sql);
  await shop.killedAt("cutover-refilled", 1, "rollback");
  await shop.killedAt("cutover-refilled", 3, "rollback");
  await producing.stop();
  await again.stop();
  expect(await shop.step("rollback")).toMatchObject({ status: 0 });
  expect(await shop.inTable()).toEqual(eachOnce([...rows, ...producing.written, ...again.written]));
  await shop.consume();
  expect(await shop.stored()).toEqual(eachOnce([...rows, ...producing.written]));
}, 300_000);
