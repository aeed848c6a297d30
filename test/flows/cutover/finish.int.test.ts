import { expect, it } from "vitest";
import { eachOnce, openShop } from "../../support/cutover-world.ts";

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

it("does not run after a writer who is faster than it: what waited is sent, the table is closed, then the rest", async () => {
  await using shop = await openShop(5);
  await shop.step("start", "--table", "shop.clicks");
  await shop.step("backfill");
  await shop.consume();
  await shop.step("verify", "--for", "0s");
  await shop.sql.unsafe("INSERT INTO shop.clicks (product_id) SELECT g FROM generate_series(6, 2005) AS g");
  // whenever a page is sent, more than a page has come; forty times, so that this ends anyway
  await shop.sql.unsafe(`
    CREATE SEQUENCE shop.times;
    CREATE FUNCTION shop.write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF to_regclass('shop.clicks') IS NOT NULL AND nextval('shop.times') <= 40 THEN
        INSERT INTO shop.clicks (product_id)
        SELECT (SELECT max(product_id) FROM shop.clicks) + g FROM generate_series(1, 600) AS g;
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER writer AFTER DELETE ON clusterflow_cutover.outbox FOR EACH STATEMENT EXECUTE FUNCTION shop.write()`);
  expect(await shop.step("finish")).toMatchObject({
    status: 0,
    stderr: sentence("2000 rows came since the last step"),
  });
  await shop.consume();
  const written = 2005 + 4 * 600;
  expect(await shop.stored()).toEqual(eachOnce(Array.from({ length: written }, (_, index) => index + 1)));
}, 120_000);
