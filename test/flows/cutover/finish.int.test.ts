import { expect, it } from "vitest";
import { openShop } from "../../support/cutover-world.ts";

const sentence = (text: string): string => expect.stringContaining(text) as string;

it("closes the table for everybody, also behind a view, keeps it, and drops it when its time is over", async () => {
  await using shop = await openShop(5);
  await shop.sql.unsafe("CREATE VIEW shop.entrance AS SELECT product_id FROM shop.clicks");
  await shop.step("start", "--table", "shop.clicks");
  await shop.step("backfill");
  await shop.consume();
  await shop.step("verify", "--for", "0s");
  expect(await shop.step("finish")).toMatchObject({
    status: 0,
    stdout: sentence("kept as shop.clicks_before_cutover until"),
  });
  expect(await shop.step("finish")).toMatchObject({ status: 0, stdout: sentence("it is done already") });
  await expect(shop.sql`INSERT INTO shop.clicks (product_id) VALUES (9)`).rejects.toThrow("does not exist");
  await expect(shop.sql`INSERT INTO shop.entrance VALUES (9)`).rejects.toThrow(
    "shop.clicks has moved to a topic",
  );
  await expect(shop.sql`TRUNCATE shop.clicks_before_cutover`).rejects.toThrow("has moved to a topic");
  expect(await shop.step("verify", "--for", "0s")).toMatchObject({ status: 0, stdout: sentence("5 stored") });
  expect(await shop.step("start")).toMatchObject({ status: 6 });

  expect(await shop.step("retire")).toMatchObject({ status: 6, stderr: sentence("is kept until") });
  await shop.sql`UPDATE clusterflow_cutover.cutovers SET retire_after = now() - interval '1 second'`;
  expect(await shop.step("retire")).toMatchObject({
    status: 6,
    stderr: sentence("--drop shop.clicks_before_cutover"),
  });
  const inUse = await shop.step("retire", "--drop", "shop.clicks_before_cutover");
  expect(inUse).toMatchObject({ status: 6, stderr: sentence("other objects depend on it") });
  await shop.sql.unsafe("DROP VIEW shop.entrance");
  expect(await shop.step("retire", "--drop", "shop.clicks_before_cutover")).toMatchObject({ status: 0 });
  expect(await shop.sql`SELECT to_regclass('shop.clicks_before_cutover') AS none`).toEqual([{ none: null }]);
  expect(await shop.step("rollback")).toMatchObject({
    status: 6,
    stderr: sentence("is retired: rollback is not possible"),
  });
}, 120_000);
